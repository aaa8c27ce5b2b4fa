package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bailey/audit"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
	"bailey/report"
)

// An output is one -o: a format, and the file it goes to; standard output if
// that is empty.
type output struct{ format, file string }

// outputs reads -o FORMAT[=FILE].
func outputs(flags []string, known ...string) ([]output, error) {
	var out []output
	for _, f := range flags {
		format, file, _ := strings.Cut(f, "=")
		if !contains(known, format) {
			return nil, fmt.Errorf("-o %s: there is no such format here; there are: %s", f, strings.Join(known, ", "))
		}
		out = append(out, output{format, file})
	}
	if len(out) == 0 {
		out = []output{{format: "text"}}
	}
	return out, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// write gives each output its bytes.
func write(outs []output, stdout io.Writer, render func(format string, w io.Writer, color bool) error) error {
	for _, o := range outs {
		if o.file == "" {
			if err := render(o.format, stdout, isTerminal(stdout)); err != nil {
				return err
			}
			continue
		}
		f, err := os.Create(o.file)
		if err != nil {
			return err
		}
		err = render(o.format, f, false)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isTerminal reports whether w is a terminal that wants colours.
// https://no-color.org
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func protocol(s string) (netset.Protocol, error) {
	if s == "" {
		return netset.TCP, nil
	}
	return netset.ParseProtocol(s)
}

func checkCommand() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Prove every path that the template needs or bailey.yaml expects",
		Long: `Prove every path that the template needs or bailey.yaml expects.

PATH is a CloudFormation or SAM template, a CDK cloud assembly (cdk.out), the folder
of a CDK app, which is run to synthesise it, the folder of a Terraform configuration
(*.tf, read without Terraform, its providers and credentials), a Terraform plan as
` + "`terraform show -json`" + ` writes it, a folder of the JSON that 'aws ... describe-*' printed of an account, or a
folder with a bailey.yaml; the current folder if there is none. Each account and region is proved by itself.

The exit status is 0 if every path is as it should be, 1 if a finding is at or above
--fail-on, 2 if the input cannot be used, and 3 if an answer lacks a fact. Findings in the --baseline are printed as suppressed and
do not count.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			o.reading.ctx, o.reading.progress = cmd.Context(), cmd.ErrOrStderr()
			return o.check(args, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringArrayVarP(&o.formats, "output", "o", nil, strings.Join(checkFormats, ", ")+"; with =FILE to write there; may be repeated")
	cmd.Flags().StringVar(&o.failOn, "fail-on", "low", "the least severity that makes the exit status 1")
	cmd.Flags().StringVar(&o.baseline, "baseline", "", "findings that were accepted before")
	cmd.Flags().StringVar(&o.create, "create-baseline", "", "write the findings of now as a baseline")
	o.reading.flag(cmd)
	return cmd
}

// checkFormats are the formats of check.
var checkFormats = []string{"text", "json", "sarif", "junit", "markdown", "github"}

type checkOptions struct {
	reading          reading
	formats          []string
	failOn           string
	baseline, create string
}

// check proves every input, then prints all of them in each format.
func (o checkOptions) check(names []string, stdout io.Writer) error {
	outs, err := outputs(o.formats, checkFormats...)
	if err != nil {
		return err
	}
	least, ok := report.ParseSeverity(o.failOn)
	if !ok {
		return fmt.Errorf("--fail-on %s: it is one of low, medium, high, critical", o.failOn)
	}
	accepted, err := readBaseline(o.baseline)
	if err != nil {
		return err
	}
	var checks []report.Check
	for _, name := range names {
		proved, err := o.reading.prove(name)
		if err != nil {
			return err
		}
		for _, c := range proved {
			c.Baseline = accepted
			checks = append(checks, c)
		}
	}
	if o.create != "" {
		outs = append(outs, output{"baseline", o.create})
	}
	if err := write(outs, stdout, func(format string, w io.Writer, color bool) error { return render(format, w, color, checks) }); err != nil {
		return err
	}
	return status(checks, least)
}

func readBaseline(name string) (report.Baseline, error) {
	if name == "" {
		return report.Baseline{}, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return report.Baseline{}, fmt.Errorf("--baseline %s: %s", name, cause(err))
	}
	return report.ReadBaseline(name, data)
}

// prove reads one PATH and proves the paths of each of its environments.
func (r reading) prove(name string) ([]report.Check, error) {
	inputs, err := r.load(name)
	if err != nil {
		return nil, err
	}
	var out []report.Check
	for _, in := range inputs {
		expected, diags := in.expectations()
		proofs, found := reach.Prove(in.model, expected)
		if diags = append(diags, found...); diags.HasErrors() {
			return nil, diags
		}
		c := report.Check{Input: name, Environment: in.environment, Proofs: reach.Written(proofs, in.format), Audit: audit.Check(in.model),
			Notes: append(slices.Clip(in.notes), reach.Assumptions(in.model)...), Prices: reach.PriceNote(in.model),
			Ignore: slices.Concat(in.project.Ignore, in.ignore), Today: time.Now().Format(time.DateOnly)}
		if r, ok := reach.Mend(in.model, proofs, expected); ok {
			r = r.In(in.format)
			c.Remedy = &r
		}
		out = append(out, c)
	}
	return out, nil
}

// render writes all checks in one format: as one document where the format
// has a place for several.
func render(format string, w io.Writer, color bool, checks []report.Check) error {
	switch format {
	case "sarif":
		return report.SARIF(w, checks...)
	case "junit":
		return report.JUnit(w, checks...)
	case "markdown":
		return report.Markdown(w, checks...)
	case "github":
		return report.GitHub(w, checks...)
	case "baseline":
		return report.WriteBaseline(w, checks...)
	}
	for _, c := range checks {
		if format == "json" {
			if err := report.CheckJSON(w, c); err != nil {
				return err
			}
			continue
		}
		report.Text{W: w, Color: color}.Check(c)
	}
	return nil
}

// status is the exit status of all checks: a finding says more than an unknown.
func status(checks []report.Check, least report.Severity) error {
	unknown := false
	for _, c := range checks {
		if c.Fails(least) {
			return exit(exitFindings)
		}
		unknown = unknown || c.Unknown()
	}
	if unknown {
		return exit(exitUnknown)
	}
	return nil
}

func whyCommand() *cobra.Command {
	var formats []string
	var proto string
	var srcPort uint16
	var r reading
	cmd := &cobra.Command{
		Use:   "why FROM TO[:PORT] [PATH]",
		Short: "Explain one path: every hop, every blocker with its line, the cheapest proved fix",
		Long: `Explain one path: every hop, every blocker with its line, the cheapest proved fix.

FROM is a function or an instance as the template names it or, in a CDK app, by the
path of its construct (Service/Worker), or internet. TO is a resource, aws:NAME
(the service's regional endpoint), a host name, an address, or internet. A function
as TO means invoking it, which a role, a user, an API, an account, a rule, bucket or
topic, or an AWS service may ask for too. Where an app has several environments, it
is asked in the one that has the names. The exit
status is 0 if reachable, 1 if blocked or partial, 2 if the
question cannot be asked, and 3 if the answer lacks a fact.`,
		Example: "  bailey why PingFunction Web:80 examples/rootski\n  bailey why PingFunction aws:ssm",
		Args:    cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := outputs(formats, "text", "json")
			if err != nil {
				return err
			}
			p, err := protocol(proto)
			if err != nil {
				return err
			}
			name := "."
			if len(args) == 3 {
				name = args[2]
			}
			r.ctx, r.progress = cmd.Context(), cmd.ErrOrStderr()
			return r.why(name, path.Question{From: args[0], To: args[1], Protocol: p, SrcPort: srcPort}, outs, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringArrayVarP(&formats, "output", "o", nil, "text or json, with =FILE to write there; may be repeated")
	cmd.Flags().StringVar(&proto, "protocol", "tcp", "tcp, udp, icmp or a number")
	cmd.Flags().Uint16Var(&srcPort, "src-port", 0, "the source port; every one that the source may use if not given")
	r.flag(cmd)
	return cmd
}

func (r reading) why(name string, q path.Question, outs []output, stdout io.Writer) error {
	in, err := r.one(name, q.From, q.To)
	if err != nil {
		return err
	}
	expected, diags := in.expectations()
	if diags.HasErrors() {
		return diags
	}
	p, err := reach.Answer(in.model, q, expected)
	if err != nil {
		return err
	}
	p = reach.Written([]reach.Proof{p}, in.format)[0]
	err = write(outs, stdout, func(format string, w io.Writer, color bool) error {
		if format == "json" {
			return report.WhyJSON(w, p)
		}
		report.Text{W: w, Color: color}.Why(p)
		return nil
	})
	switch {
	case err != nil:
		return err
	case p.Verdict == path.Blocked || p.Verdict == path.Partial:
		return exit(exitFindings)
	case p.Verdict == path.Unknown:
		return exit(exitUnknown)
	}
	return nil
}
