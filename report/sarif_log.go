package report

// The parts of a SARIF 2.1.0 log that SARIF fills in, under the standard's names.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool                `json:"tool"`
	Automation  sarifID                  `json:"automationDetails"`
	Invocations []sarifInvocation        `json:"invocations"`
	BaseIDs     map[string]sarifBaseRoot `json:"originalUriBaseIds"`
	ColumnKind  string                   `json:"columnKind"`
	Results     []sarifResult            `json:"results"`
}

type sarifID struct {
	ID string `json:"id"`
}

type sarifBaseRoot struct {
	Description sarifMessage `json:"description"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string          `json:"id"`
	Name          string          `json:"name"`
	Short         sarifMessage    `json:"shortDescription"`
	Full          sarifMessage    `json:"fullDescription"`
	Help          sarifHelp       `json:"help"`
	HelpURI       string          `json:"helpUri"`
	Configuration sarifLevel      `json:"defaultConfiguration"`
	Properties    sarifRuleValues `json:"properties"`
}

type sarifHelp struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

// sarifRuleValues are the properties that GitHub's code scanning reads.
// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
type sarifRuleValues struct {
	SecuritySeverity string   `json:"security-severity"`
	Precision        string   `json:"precision"`
	Tags             []string `json:"tags"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Descriptor sarifID         `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifMessage    `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifMessage       `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Related      []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	CodeFlows    []sarifCodeFlow    `json:"codeFlows,omitempty"`
	Suppressions []sarifSuppression `json:"suppressions"`
	Properties   sarifResultValues  `json:"properties"`
}

type sarifResultValues struct {
	Severity         string    `json:"severity,omitempty"`
	SecuritySeverity string    `json:"security-severity,omitempty"`
	Verdict          string    `json:"verdict,omitempty"`
	Expected         string    `json:"expected,omitempty"`
	ReasonCodes      []string  `json:"reasonCodes"`
	Fixes            []fixJSON `json:"fixes,omitempty"`
}

type sarifSuppression struct {
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification"`
	Location      *sarifLocation `json:"location,omitempty"`
}

type sarifLocation struct {
	ID       *int           `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI       string `json:"uri"`
	URIBaseID string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
}

type sarifCodeFlow struct {
	ThreadFlows []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	Locations []sarifStep `json:"locations"`
}

type sarifStep struct {
	Location       sarifLocation  `json:"location"`
	Kinds          []string       `json:"kinds,omitempty"`
	ExecutionOrder int            `json:"executionOrder"`
	Importance     string         `json:"importance"`
	Properties     *sarifStepCode `json:"properties,omitempty"`
}

type sarifStepCode struct {
	ReasonCode string `json:"reasonCode"`
}
