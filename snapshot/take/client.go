package take

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"bailey/cloud"
)

// A client asks AWS in one region.
type client struct {
	Config
	signer *v4.Signer
}

// A Failure is an answer of AWS's that is an error.
type Failure struct {
	Code    string // AccessDenied, Throttling, ...
	Message string
	Status  int
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Code, f.Message) }

// busy are the errors that ask the caller to come back later.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
var busy = []string{"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
	"BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "SlowDown", "EC2ThrottledException", "RequestTimeout", "RequestTimeoutException"}

// later reports whether an error may be gone when the call is made again.
func later(err error) bool {
	var f *Failure
	if errors.As(err, &f) {
		return f.Status == http.StatusTooManyRequests || f.Status >= 500 || slices.Contains(busy, f.Code)
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false // the service is not in the region
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}

// attempts is how often a call is made before it fails where AWS says that it is
// busy, and broken where it fails otherwise. longest is how long is waited between
// two of them at most.
const (
	attempts = 8
	broken   = 3
	longest  = 20 * time.Second
)

// most is how often a call is made that ends in err.
func most(err error) int {
	var f *Failure
	if errors.As(err, &f) && (f.Status == http.StatusTooManyRequests || slices.Contains(busy, f.Code)) {
		return attempts
	}
	return broken
}

// send makes one request, again where AWS is busy: after a time that doubles, and
// is drawn so that parallel calls do not come back together.
// https://docs.aws.amazon.com/general/latest/gr/api-retries.html
func (c *client) send(ctx context.Context, s service, make func() (*http.Request, []byte, error)) ([]byte, error) {
	delay := 500 * time.Millisecond
	for n := 1; ; n++ {
		data, err := c.once(ctx, s, make)
		if err == nil || n >= most(err) || ctx.Err() != nil || !later(err) {
			return data, err
		}
		if err := c.Wait(ctx, delay/2+time.Duration(rand.Int64N(int64(delay)))); err != nil {
			return nil, err
		}
		delay = min(2*delay, longest)
	}
}

// maxAnswer bounds one page of an answer.
const maxAnswer = 64 << 20

func (c *client) once(ctx context.Context, s service, make func() (*http.Request, []byte, error)) ([]byte, error) {
	req, body, err := make()
	if err != nil {
		return nil, err
	}
	creds, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("getting credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if s.name == "s3" { // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
		req.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	}
	if err := c.signer.SignHTTP(ctx, creds, req, hex.EncodeToString(sum[:]), cmp.Or(s.signed, s.name), c.signingRegion(s), c.Now()); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	res, err := c.HTTP.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case len(data) > maxAnswer:
		return nil, fmt.Errorf("the answer has more than %d MB", maxAnswer>>20)
	case res.StatusCode >= 300:
		return nil, failure(res, data)
	}
	return data, nil
}

// failure reads an error in whichever form the service writes it.
func failure(res *http.Response, data []byte) error {
	f := &Failure{Status: res.StatusCode, Code: res.Header.Get("X-Amzn-Errortype")}
	var doc struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"`
		Other   string `json:"Message"`
	}
	if json.Unmarshal(data, &doc) == nil {
		f.Code, f.Message = cmp.Or(f.Code, doc.Type, doc.Code), cmp.Or(doc.Message, doc.Other)
	} else if root, err := parseXML(data); err == nil {
		if e := root.find("Code"); e != nil {
			f.Code = strings.TrimSpace(e.text)
		}
		if e := root.find("Message"); e != nil {
			f.Message = strings.TrimSpace(e.text)
		}
	}
	f.Code, _, _ = strings.Cut(f.Code, ":")
	f.Code = f.Code[strings.LastIndexByte(f.Code, '#')+1:]
	if f.Code == "" {
		f.Code = res.Status
	}
	return f
}

// signingRegion is where a service that is global in its partition is signed for.
// https://docs.aws.amazon.com/general/latest/gr/iam-service.html
func (c *client) signingRegion(s service) string {
	if !s.global {
		return c.Region
	}
	return map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[cloud.Partition(c.Region)]
}

// endpoint is the address of a service.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
func (c *client) endpoint(s service) string {
	suffix := cloud.DNSSuffix(c.Region)
	switch partition := cloud.Partition(c.Region); {
	case c.Endpoint != "":
		return strings.TrimSuffix(c.Endpoint, "/")
	case !s.global:
		return "https://" + s.name + "." + c.Region + "." + suffix
	case partition == "aws-us-gov":
		return "https://" + s.name + ".us-gov.amazonaws.com"
	case partition == "aws-cn" && s.name == "iam":
		return "https://iam.cn-north-1." + suffix
	}
	return "https://" + s.name + "." + suffix
}

// request builds a call's request with its input.
func (c *client) request(s service, operation, path string, input [][2]string) (*http.Request, []byte, error) {
	base := c.endpoint(s)
	switch s.protocol {
	case ec2Query, query:
		form := url.Values{"Action": {operation}, "Version": {s.version}}
		for _, p := range input {
			form.Set(p[0], p[1])
		}
		return post(base+"/", []byte(form.Encode()), "application/x-www-form-urlencoded; charset=utf-8", "")
	case jsonRPC:
		body, err := jsonInput(input)
		if err != nil {
			return nil, nil, err
		}
		return post(base+"/", body, "application/x-amz-json-"+s.json, s.version+"."+operation)
	}
	values := url.Values{}
	for _, p := range input {
		values.Set(p[0], p[1])
	}
	address := base + path
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err == nil && s.protocol == restJSON {
		req.Header.Set("Accept", "application/json") // without it API Gateway answers in HAL
	}
	return req, nil, err
}

func post(address string, body []byte, contentType, target string) (*http.Request, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", contentType)
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	return req, body, nil
}

// jsonInput writes an input as JSON: numbers as such, text in brackets as a list.
func jsonInput(input [][2]string) ([]byte, error) {
	doc := map[string]any{}
	for _, p := range input {
		switch list, isList := strings.CutPrefix(p[1], "["); {
		case isList:
			doc[p[0]] = []string{strings.TrimSuffix(list, "]")}
		case strings.HasPrefix(p[0], "Max"):
			doc[p[0]] = json.Number(p[1])
		default:
			doc[p[0]] = p[1]
		}
	}
	return json.Marshal(doc)
}
