// Package document turns the text of one YAML or JSON file into a source.Node
// that knows, for every value and every key, the line and column where it
// stands.
//
//	bytes -> Read -> source.Node -> project (bailey.yaml), cfn (a template)
//	             \-> source.Diags
//
// It gives no key a meaning. The rule it obeys: a scalar keeps the text that
// was written, because YAML's own types lose what AWS needs (2012-10-17 is no
// date and the account 000123456789 no octal number); only its Kind says what
// YAML or JSON took it for. Whatever the bytes are, Read returns in time and
// memory bounded by their size. Neighbours: source below, project and cfn above.
package document
