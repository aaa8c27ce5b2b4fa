package wire

import (
	"net/http"
	"net/url"
	"strings"
)

// findOperation sets the call's operation and parses the syntax of its input.
func (c *Call) findOperation(r *http.Request) *Error {
	switch c.Service.Protocol {
	case AwsQuery:
		return c.findAction(r)
	case RestJSON:
		return c.findURI(r)
	}
	return c.findTarget(r)
}

// findTarget reads "X-Amz-Target: AmazonSSM.GetParameter".
func (c *Call) findTarget(r *http.Request) *Error {
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		return common(unknownOperation, "the request to %s names no operation: it has no X-Amz-Target", c.Service.Name)
	}
	name, ok := strings.CutPrefix(target, c.Service.TargetPrefix+".")
	if !ok {
		return NotHere(c.Service.Name + ":" + printable(target))
	}
	if err := c.setOperation(c.Service.byName(name), name); err != nil {
		return err
	}
	tree, err := jsonTree(c.Body)
	c.input = tree
	return err
}

// findAction reads Action and Version of a form.
func (c *Call) findAction(r *http.Request) *Error {
	form, err := parseForm(r.URL.RawQuery, c.Body)
	if err != nil {
		return err
	}
	name := form.Get("Action")
	if name == "" {
		return Errorf("MissingAction", "The request must contain the parameter Action")
	}
	if v := form.Get("Version"); v != "" && v != c.Service.Version {
		return NotHere(printable(c.Service.Name + ":" + name + " of version " + v))
	}
	if err := c.setOperation(c.Service.byName(name), name); err != nil {
		return err
	}
	c.input, err = formTree(form)
	return err
}

// findURI reads method and path. The body may be anything: Invoke's is the
// function's event.
func (c *Call) findURI(r *http.Request) *Error {
	path, query := wireTarget(r)
	c.Query, _ = url.ParseQuery(query)
	op, labels := c.Service.byURI(r.Method, path, c.Query)
	c.Labels = labels
	return c.setOperation(op, " "+r.Method+" "+path)
}

func (c *Call) setOperation(op *Operation, name string) *Error {
	if op != nil && op.Handle != nil {
		c.Operation = op
		return nil
	}
	if op != nil {
		name = op.Name
	}
	return NotHere(c.Service.Name + ":" + printable(name))
}
