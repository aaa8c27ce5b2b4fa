package vtl

import (
	"encoding/base64"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// velocity renders templates with Apache Velocity itself, which Debian has.
func velocity(t *testing.T, templates []string) []string {
	t.Helper()
	const jars = "/usr/share/java/velocity.jar:/usr/share/java/commons-collections3.jar:/usr/share/java/commons-lang.jar"
	if _, err := os.Stat("/usr/share/java/velocity.jar"); err != nil {
		t.Skip("there is no Velocity: apt-get install velocity default-jdk-headless")
	}
	var in strings.Builder
	for _, text := range templates {
		fmt.Fprintln(&in, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	cmd := exec.Command("java", "-cp", jars, "testdata/Velocity.java")
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// The language is that of Velocity 1.7, but for what is not there, which API
// Gateway writes as nothing, and for the lists of JSON.
func TestAgainstVelocity(t *testing.T) {
	templates := []string{
		"{\"a\": 1}", "$name ${name}x $!name $!{name}. $name.", "[$!gone][$!body.in.z]", "$ $1 $. ${1", "$body.in.x $body[\"in\"].x $body.tags[1] $body.list[0].n $body.tags[-1]",
		"a## to the end\nb#* and\nthis *#c#[[ $name #if ]]#d", `\$name \\$name \#if \x \\x \`, "#fff #1 # ## x", "#set($a = 1)\n#if($a == 1)\nyes\n#else\nno\n#end\n.",
		"  #set($a = 1)  \n  #if($a == 1)  \n  yes\n  #else\nno\n #end  x\n.", "#set($a = $body.name)#set($b = \"${a}-${n}\")#set($c = '$a')$a $b $c",
		"#set($body.name = \"x\")#set($body[\"k\"] = 2)#set($body.tags[0] = \"z\")$body.name $body.k", "#if($n > 10)a#elseif($n == 7)b#{else}c#{end}d",
		"#if($gone)a#end#if($body.on)b#end#if(!$gone)d#end#if($body.empty)e#end", "#if($n >= 7 && $n < 8 || false)a#end#if(not ($n ne 7) and $n le 7)b#end",
		"#set($x = 1 + 2 * 3 - 4 / 3 % 2)$x #set($y = (1 + 2) * 1.5)$y #set($s = \"a\" + 1)$s", "#set($m = $n - 1)$m", "#set($x = 7 / 2)$x #set($x = 7 / 2.0)$x $body.half",
		"#foreach($t in $body.tags)$foreach.index$foreach.count$t#if($foreach.hasNext),#end#end[$!t]", "#foreach($i in [1..2])#foreach($j in [3..2])$i$j$foreach.parent.index #{end}#end",
		"#foreach($k in $body.in.keySet())$k=#end#foreach($v in $body.in)<$!v>#end#foreach($e in $body.in.entrySet())$e.key:$!e.getValue()#end",
		"#foreach($i in [1..9])$i#if($i == 3)#break#end#end-#stop never", "#define($d)<$n>#end#set($n = 8)$d #set($n = 9)$d",
		`$name.length() $name.toUpperCase() $name.substring(1) $name.substring(0,1) $name.indexOf("d") $name.contains("da") $name.replace("a","o") $name.charAt(1)`,
		`#set($s = "a1b22")$s.replaceAll("([0-9]+)", "<$1>") $s.replaceFirst("[0-9]", "") $s.matches("[ab0-9]+") $s.matches("a")`,
		`#set($l = [])#set($x = $l.add("a"))#set($x = $l.addAll(["b","c"]))#set($x = $l.remove("b"))$l $l.size() $l.isEmpty() $l.contains("c") $l.get(0) $l.indexOf("c")`,
		`#set($m = {})$!m.put("a",1)#set($x = $m.putAll({"b":2}))$m $m.size() $m.containsKey("b") $m.get("b") $m.values() $m.remove("a") $m.isEmpty()`,
		`#set($i = 0)#set($j = $i.parseInt("12") + 1)$j $n.toString().length() $body.half.intValue() $n.equals(7) $name.equals("ada")`,
		`#set($s = 'it''s')#set($t = "say ""$name""")$s $t`, `#set($l = [1, "b"])$l #set($m = {"a": 1, "b": [2]})$m`, `#if($body.in.x == "1")a#end#if(1 == 1.0)b#end#if($body.tags == ["a","b"])c#end`,
		"#set ( $x = 1 )$x#if ( $x == 1 )y#end", "$body.list.get(0).n #foreach( $x in $body.list )\n  $x.n,\n#end\nz", "#set($x = \"#if(1==1)q#end\")$x", "#set($x = 1.5e1)$x",
		`a $body.get("name").toUpperCase()! $name,$name;${name}$name`, "a\n##x\nb", `\\#if(1==1)a#end`, "#if($name == 'Ada' && !$gone)ok#end", "#foreach($i in [])x#end y",
		"#set($h = {'a':1,'b':{'c':[1,2]}})$h.b.c[1] $h['a']", "$!{body.name}.x ${body.name.length()}", "$n$n $$name $!$name", "#set($x = 10000000.0)$x #set($x = 0.0001)$x #set($x = 3.0)$x",
		"#set($x=1)\n\n#set($y=2)\n$x$y", "#if(true) a #end b", "{ #foreach($i in [1..2])\n  $i#if($foreach.hasNext),#end\n#end\n}",
		"#end", "#if(true)", "#set(x = 1)", "${name", `#set($x = "a)`, "#if()#end", "#set($x = [1, 2..3])", "#else",
	}
	r := rand.New(rand.NewSource(7))
	for range 400 {
		templates = append(templates, randomBlock(r, 4))
	}
	want := velocity(t, templates)
	if len(want) != len(templates) {
		t.Fatalf("%d answers to %d templates", len(want), len(templates))
	}
	rendered := 0
	for i, text := range templates {
		got := "-"
		if tmpl, err := Parse(text); err == nil {
			vars := input(t)
			out, err := tmpl.Render(vars)
			if got = "+" + out; err != nil {
				got = "-" + err.Error()
			}
		}
		if want[i][0] == '+' {
			rendered++
		}
		if got != want[i] && (got[0] == '+' || want[i][0] == '+') {
			t.Errorf("%q\nVelocity %q\nbailey   %q", text, want[i], got)
		}
	}
	if rendered < len(templates)*3/4 {
		t.Errorf("Velocity renders only %d of %d", rendered, len(templates))
	}
}

// randomBlock makes a template of values that are there.
func randomBlock(r *rand.Rand, depth int) string {
	var b strings.Builder
	for range 1 + r.Intn(3) {
		if depth == 0 {
			b.WriteString(pick(r, "x ", "${n}", " ${name}!", "\n", "$body.tags.size() ", "  "))
			continue
		}
		switch r.Intn(6) {
		case 0:
			b.WriteString("#if(" + randomTruth(r, depth) + ")" + pick(r, "\n", "", " ") + randomBlock(r, depth-1) + pick(r, "#else ", "#else\n", "#{else}") + randomBlock(r, depth-1) + pick(r, "#end ", "#end\n", "#{end}"))
		case 1:
			b.WriteString(pick(r, "", "  ", "y ") + "#set($n = " + randomNumber(r, depth) + ")" + pick(r, "\n", "", " "))
		case 2:
			b.WriteString("#foreach($i in " + pick(r, "[1..3]", "$body.tags", "[4, 5]", "$body.in.keySet()") + ")" + randomBlock(r, depth-1) + pick(r, "$i", "$foreach.count", "#if($foreach.hasNext),#end") + "#end ")
		case 3:
			b.WriteString("#set($name = \"" + pick(r, "q$n", "${name}z", "plain") + "\")$name ")
		default:
			b.WriteString(randomBlock(r, 0))
		}
	}
	return b.String()
}

func randomNumber(r *rand.Rand, depth int) string {
	if depth == 0 || r.Intn(3) == 0 {
		return pick(r, "1", "2", "$n", "$body.age", "$name.length()", "0.5", "-3")
	}
	return "(" + randomNumber(r, depth-1) + pick(r, " + ", " - ", " * ") + randomNumber(r, depth-1) + ")"
}

func randomTruth(r *rand.Rand, depth int) string {
	if depth == 0 || r.Intn(2) == 0 {
		return randomNumber(r, 0) + pick(r, " < ", " >= ", " == ", " != ", " gt ") + randomNumber(r, 0)
	}
	return pick(r, "!", "") + "(" + randomTruth(r, depth-1) + pick(r, " && ", " || ", " or ") + randomTruth(r, depth-1) + ")"
}

func pick(r *rand.Rand, among ...string) string { return among[r.Intn(len(among))] }
