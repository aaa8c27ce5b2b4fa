package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"strconv"
)

// A Response is a RestJSON answer that is more than a JSON body: Invoke's
// payload, its status and headers. Handlers return it as *Response.
type Response struct {
	Status int // 0: the operation's
	Header http.Header
	Body   []byte // as it is; an empty Content-Type stands for application/json
}

// A reply renders one answer. Until it is known which service the request is
// for, service is nil and the protocol is the one that the request looks like.
type reply struct {
	w         http.ResponseWriter
	protocol  Protocol
	service   *Service
	operation *Operation
	requestID string
}

// result renders what a handler returned; one that cannot be rendered is our
// own mistake, and told so.
func (p *reply) result(value any) {
	response, err := p.render(value)
	if err != nil {
		p.error(common(internalFailure, "bailey cannot render the answer of %s: %v", p.operation.Name, err))
		return
	}
	p.send(response)
}

func (p *reply) render(value any) (*Response, error) {
	if p.protocol == AwsQuery {
		body, err := p.queryResult(value)
		return &Response{Status: 200, Body: body}, err
	}
	if r, ok := value.(*Response); ok && r != nil {
		out := *r
		out.Status = cmp.Or(r.Status, p.operation.Status, 200)
		return &out, nil
	}
	status := cmp.Or(p.operation.Status, 200)
	if value == nil && status == http.StatusNoContent {
		return &Response{Status: status}, nil
	}
	if value == nil {
		value = struct{}{}
	}
	body, err := marshalJSON(value)
	return &Response{Status: status, Body: body}, err
}

// queryResult wraps the answer: <XResponse><XResult>...</XResult><ResponseMetadata>...
func (p *reply) queryResult(value any) ([]byte, error) {
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	outer := xml.StartElement{Name: xml.Name{Space: p.service.Namespace, Local: p.operation.Name + "Response"}}
	err := e.EncodeToken(outer)
	if value != nil {
		err = errors.Join(err, e.EncodeElement(value, xml.StartElement{Name: xml.Name{Local: p.operation.Name + "Result"}}))
	}
	metadata := struct{ RequestId string }{p.requestID}
	err = errors.Join(err,
		e.EncodeElement(metadata, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}),
		e.EncodeToken(outer.End()), e.Flush())
	return b.Bytes(), err
}

// error renders a failure. An error that is no *Error is the service's own.
func (p *reply) error(err error) {
	var e *Error
	if !errors.As(err, &e) || e == nil {
		e = common(internalFailure, "%v", err)
	}
	e = e.In(p.protocol)
	out := &Response{Status: e.Status(), Header: http.Header{}}
	for name, value := range e.Header {
		out.Header.Set(name, value)
	}
	if p.protocol == AwsQuery {
		out.Body = p.queryError(e)
	} else {
		out.Header.Set("X-Amzn-Errortype", e.Code)
		out.Body, err = marshalJSON(p.errorMembers(e))
		if err != nil {
			out.Body = []byte(`{"message":"bailey cannot render the members of ` + e.Code + `"}`)
		}
	}
	p.send(out)
}

// queryError is the body that AwsQuery's clients read.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
func (p *reply) queryError(e *Error) []byte {
	type failure struct{ Type, Code, Message string }
	body, err := xml.Marshal(struct {
		XMLName   xml.Name
		Error     failure
		RequestId string
	}{
		XMLName:   xml.Name{Space: p.namespace(), Local: "ErrorResponse"},
		Error:     failure{e.Fault.String(), e.Code, e.Message},
		RequestId: p.requestID,
	})
	if err != nil {
		panic("wire: strings are always XML: " + err.Error())
	}
	return body
}

func (p *reply) namespace() string {
	if p.service == nil {
		return ""
	}
	return p.service.Namespace
}

// errorMembers is the JSON body of an exception.
func (p *reply) errorMembers(e *Error) map[string]any {
	out := maps.Clone(e.Members)
	if out == nil {
		out = map[string]any{}
	}
	out[p.messageMember(e)] = e.Message
	if p.protocol.isJSON() {
		out["__type"] = e.Code
	}
	if p.service != nil && p.service.ErrorType && e.kind == 0 {
		out["Type"] = "User"
		if e.Fault == Receiver {
			out["Type"] = "Service"
		}
	}
	return out
}

// messageMember: what stands before the service spells "message", except for
// AccessDeniedException.
func (p *reply) messageMember(e *Error) string {
	switch {
	case e.kind == accessDenied:
		return "Message"
	case e.kind != 0 || p.service == nil || p.service.MessageMember == nil:
		return "message"
	}
	return p.service.MessageMember(e.Code)
}

func (p *reply) send(r *Response) {
	h := p.w.Header()
	maps.Copy(h, r.Header)
	h.Set("X-Amzn-Requestid", p.requestID)
	if h.Get("Content-Type") == "" && r.Status != http.StatusNoContent {
		h.Set("Content-Type", p.contentType())
	}
	if r.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(r.Body)))
	}
	p.w.WriteHeader(r.Status)
	_, _ = p.w.Write(r.Body) // a client that has gone is no failure of ours
}

func (p *reply) contentType() string {
	switch p.protocol {
	case AwsJSON10:
		return "application/x-amz-json-1.0"
	case AwsJSON11:
		return "application/x-amz-json-1.1"
	case AwsQuery:
		return "text/xml"
	}
	return "application/json"
}

// marshalJSON leaves <, > and & as they are, as AWS does.
func marshalJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
