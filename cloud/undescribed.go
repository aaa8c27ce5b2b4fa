package cloud

// Undescribed says why it is not known which resources of a type there are, and
// which call would tell; nil where those that the model has are all. Only what
// an account was seen to have can leave out a type: a template states its own
// resources to the last. The types are CloudFormation's.
func (m *Model) Undescribed(typ string) *Gap {
	if g, ok := m.spec.Undescribed[typ]; ok {
		return &g
	}
	return nil
}
