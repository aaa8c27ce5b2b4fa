package vtl

import (
	"strings"
	"testing"
)

// input is what the tests' templates see: $body is JSON, the rest is plain.
func input(t *testing.T) Variables {
	body, err := ParseJSON([]byte(`{"name":"ada","age":36,"half":0.5,"tags":["a","b"],"in":{"x":1,"y":null},"list":[{"n":1},{"n":2}],"on":true,"empty":""}`))
	if err != nil {
		t.Fatal(err)
	}
	return Variables{"body": body, "name": "Ada", "n": int64(7)}
}

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"text", `{"a": 1}`, `{"a": 1}`},
		{"references", `$name ${name}x $!name $!{name}. $name.`, `Ada Adax Ada Ada. Ada.`},
		{"not there", `[$gone][$!gone][$gone.x.y][$body.in.y][$body.in.z]`, `[][][][][]`},
		{"no reference", `$ $1 $. ${ $!`, `$ $1 $. ${ $!`},
		{"members", `$body.in.x $body["in"].x $body.tags[1] $body.list[0].n $body.tags[-1] $body.tags[9]`, `1 1 b 1 b `},
		{"Java's text", `$body.in $body.tags $body`, `{x=1, y=null} ["a","b"] {name=ada, age=36, half=0.5, tags=["a","b"], in={x=1, y=null}, list=[{"n":1},{"n":2}], on=true, empty=}`},
		{"a template's own list and map", `#set($l = [1, "b"])$l #set($m = {"a": 1, "b": [2]})$m`, `[1, b]{a=1, b=[2]}`},
		{"comments", "a## to the end\nb#* and\nthis *#c#[[ $name #if ]]#d", `abc $name #if d`},
		{"escapes", `\$name \\$name \#if \x \\x \`, `$name \Ada #if \x \\x \`},
		{"no directive", `#fff #1 # ## x`, `#fff #1 # `},
		{"lines", "#set($a = 1)\n#if($a == 1)\nyes\n#else\nno\n#end\n.", "yes\n."},
		{"set", `#set($a = $body.name)#set($b = "${a}-${n}")#set($c = '$a')$a $b $c`, `ada ada-7 $a`},
		{"set a member", `#set($body.name = "x")#set($body["k"] = 2)#set($body.tags[0] = "z")$body.name $body.k $body.tags`, `x 2 ["z","b"]`},
		{"if", `#if($n > 10)a#elseif($n == 7)b#{else}c#{end}d`, `bd`},
		{"truth", `#if($gone)a#end#if($body.on)b#end#if("")c#end#if(!$gone)d#end#if($body.empty)e#end`, `bcde`},
		{"nothing and the empty text", `#if($gone == $null)a#end#if($gone == "")b#end#if($body.tags == "")c#end`, `ab`},
		{"operators", `#if($n >= 7 && $n < 8 || false)a#end#if(not ($n ne 7) and $n le 7)b#end#if("x" lt "y")c#end`, `abc`},
		{"arithmetic", `#set($x = 1 + 2 * 3 - 4 / 3 % 2)$x #set($y = (1 + 2) * 1.5)$y #set($z = 7 / 0)[$z] #set($m = -$n)$m #set($s = "a" + 1)$s`, `64.5[] -7a1`},
		{"whole and broken", `#set($x = 7 / 2)$x #set($x = 7 / 2.0)$x $body.half`, `33.5 0.5`},
		{"foreach", `#foreach($t in $body.tags)$foreach.index$foreach.count$t#if($foreach.hasNext),#end#end[$t]`, `01a,12b[]`},
		{"nested loops", `#foreach($i in [1..2])#foreach($j in [3..2])$i$j$foreach.parent.index #{end}#end`, `130 120 231 221 `},
		{"over a map", `#foreach($k in $body.in.keySet())$k=#end#foreach($v in $body.in)<$v>#end#foreach($e in $body.in.entrySet())$e.key:$e.getValue()#end`, `x=y=<1><>x:1y:`},
		{"break and stop", `#foreach($i in [1..9])$i#if($i == 3)#break#end#end-#stop never`, `123-`},
		{"define", `#define($d)<$n>#end#set($n = 8)$d #set($n = 9)$d`, `<8><9>`},
		{"texts", `$name.length() $name.toUpperCase() $name.substring(1) $name.substring(0,1) $name.indexOf("d") $name.contains("da") $name.replace("a","o") $name.split("d").size() $name.charAt(1)`, `3 ADA da A 1 true Ado 2 d`},
		{"regular expressions", `#set($s = "a1b22")$s.replaceAll("([0-9]+)", "<$1>") $s.replaceFirst("[0-9]", "") $s.matches("[ab0-9]+") $s.matches("a")`, `a<1>b<22> ab22 true false`},
		{"lists", `#set($l = [])#set($x = $l.add("a"))#set($x = $l.addAll(["b","c"]))#set($x = $l.remove("b"))$l $l.size() $l.isEmpty() $l.contains("c") $l.get(0) $l.indexOf("c")`, `[a, c] 2 false true a 1`},
		{"maps", `#set($m = {})$!m.put("a",1)#set($x = $m.putAll({"b":2}))$m $m.size() $m.containsKey("b") $m.get("b") $m.values() $m.remove("a") $m.isEmpty()`, `{a=1, b=2} 2 true 2 [1, 2] 1 false`},
		{"numbers", `#set($i = 0)#set($j = $i.parseInt("12") + 1)$j $n.toString().length() $body.half.intValue() $n.equals(7) $name.equals("ada")`, `13 1 0 true false`},
		{"nothing has no methods", `[$gone.length()]`, `[]`},
		{"characters", `#set($s = "подход")$s.length() $s.substring(3) $s.indexOf("х")`, `6 ход 3`},
		{"quotes", `#set($s = 'it''s')#set($t = "say ""$name""")$s $t`, `it's say "Ada"`},
	} {
		tmpl, err := Parse(c.template)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := tmpl.Render(input(t))
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v\nwant %q", c.name, got, err, c.want)
		}
	}
}

// What is wrong has a place, and what is not here a name.
func TestMistakes(t *testing.T) {
	for template, want := range map[string]string{
		"a\n  #if($x)":                     "#if without #end",
		"#end":                             "1:5: #end without a beginning",
		"#set(x = 1)":                      "1:6: #set sets no reference",
		"#set($x = )":                      "an expression is missing",
		"a\n#macro(m)#end":                 `2:7: #macro is not supported`,
		"#parse('x')":                      "#parse is not supported",
		"${name":                           `"}" is missing`,
		"$x.f(1":                           `"," is missing`,
		"#*":                               `"*#" is missing`,
		`#set($x = "a)`:                    "the text has no end",
		`#set($x = "${")`:                  "",
		`#set($x = "$a.b(")`:               `in the text: an expression is missing`,
		"#foreach($a of $b)#end":           "#foreach is written #foreach($item in $list)",
		"#foreach($a in $b)":               "#foreach without #end",
		"#set($x = [1, 2..3])":             `"," is missing`,
		strings.Repeat("(", 5):             "",
		"#if" + strings.Repeat("(", 500):   "nests deeper",
		strings.Repeat("#if(1)", 300):      "nests deeper",
		strings.Repeat("x", maxTemplate+1): "API Gateway takes 307200",
	} {
		_, err := Parse(template)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.40q: got %v, want %q", template, err, want)
		}
	}
}

// A template that does too much, or what is not here, ends in an error.
func TestBounds(t *testing.T) {
	for template, want := range map[string]string{
		"\n $name.codePointAt(0)":       "2:2: the method codePointAt of text with 1 arguments is not supported",
		"$body.tags.stream()":           "the method stream of a list",
		"$name.substring(9)":            "no characters at 9",
		"$name.matches('(?=x)')":        "the regular expression is not supported",
		"#foreach($i in [1..2000])#end": "more than 1000 numbers",
		"#foreach($i in [0..999])#foreach($j in [0..999])$j#end#end":         "more than 1000000 steps",
		"#set($s = 'x')#foreach($i in [1..100])#set($s = \"$s$s\")#end":      "more than",
		"#set($m = {})#set($m.a = $m)#set($m.b = $m)$m":                      "too deep",
		"#set($l = [1])#foreach($i in [1..100])#set($x = $l.addAll($l))#end": "does not take all",
		"#define($d)$d#end$d":           "nests deeper",
		"#set($l = [1])#set($l[3] = 1)": "the list has no item 3",
		"$n.parseInt('x')":              "invalid syntax",
	} {
		tmpl, err := Parse(template)
		if err != nil {
			t.Errorf("%q: %v", template, err)
			continue
		}
		out, err := tmpl.Render(input(t))
		if err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%q: got %.40q, %v, want %q", template, out, err, want)
		}
	}
}

func TestNumbersOfJava(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-0": "0", "1.0": "1.0", "1.10": "1.1", "10000000.5": "1.00000005E7", "1e7": "1.0E7", "0.001": "0.001", "0.0001": "1.0E-4",
		"9223372036854775807": "9223372036854775807", "123456789012345678901234567890": "123456789012345678901234567890",
	} {
		v, err := ParseJSON([]byte(text))
		if got := Text(v); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestJSONKeepsItsOrder(t *testing.T) {
	const text = `{"z":1,"a":[true,null,"<&>\u2028",{"b":{},"a":[]}],"é":"\"\\"}`
	v, err := ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := JSON(v); err != nil || got != text {
		t.Errorf("got %s, %v", got, err)
	}
	for _, bad := range []string{"", "{", "1 2", "[1,]", `{"a" 1}`, strings.Repeat("[", 1000), "nul"} {
		if v, err := ParseJSON([]byte(bad)); err == nil {
			t.Errorf("%.20q is read as %v", bad, v)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{`#foreach($k in $body.keySet())"$k": "$body.get($k)"#if($foreach.hasNext),#end#end`, `#set($x = "$name.length()")${x}`,
		`#if($n > 1 && !$body.on)a#elseif([1..3].size() == 3)b#else c#end`, `#define($d)#[[x]]##*y*#$n#end$d.replaceAll("(a)","$1$1")`, `\\\$name $!{body.in["x"]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, err := Parse(text)
		if err != nil {
			return
		}
		if out, err := tmpl.Render(input(t)); err == nil && len(out) > maxText {
			t.Errorf("%d bytes", len(out))
		}
	})
}
