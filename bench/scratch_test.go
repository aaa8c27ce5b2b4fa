//go:build linux

package main

import (
	"fmt"
	"testing"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
)

func BenchmarkTemplate(b *testing.B) {
	for _, n := range []int{1000, 5000, 20000} {
		text := cdkTemplate(n)
		b.Run(fmt.Sprint("read", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				document.Read("t.json", text)
			}
		})
		b.Run(fmt.Sprint("load", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, d := cfn.Load(cfn.Input{File: "t.json", Data: text}); d.HasErrors() {
					b.Fatal(d)
				}
			}
		})
		b.Run(fmt.Sprint("model", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, _ := cfn.Load(cfn.Input{File: "t.json", Data: text})
				if _, d := cloud.New(s); d.HasErrors() {
					b.Fatal(d)
				}
			}
		})
	}
}
