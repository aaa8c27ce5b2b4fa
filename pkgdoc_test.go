package bailey

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Every package says what it is, and every exported name of a package that
// others import says what it gives.
func TestEveryPackageAndExportedNameIsDocumented(t *testing.T) {
	for dir, files := range sourceFiles(t) {
		documented := false
		for _, f := range files {
			documented = documented || f.Doc != nil
			for _, name := range undocumented(f) {
				t.Errorf("%s: %s has no comment", dir, name)
			}
		}
		if !documented {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// sourceFiles parses the module's own Go files, by folder.
func sourceFiles(t *testing.T) map[string][]*ast.File {
	out := map[string][]*ast.File{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || foreign(p)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err == nil {
			out[filepath.Dir(p)] = append(out[filepath.Dir(p)], f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// foreign reports whether dir is the root of a module of its own.
func foreign(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "go.mod"))
	return err == nil && len(found) > 0
}

// undocumented lists the exported top-level names and methods of a file that
// have no comment. A group's comment counts for all in it.
func undocumented(f *ast.File) []string {
	var out []string
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || exportedReceiver(d)) && !obvious[d.Name.Name] {
				out = append(out, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok && t.Name.IsExported() && d.Doc == nil && t.Doc == nil {
					out = append(out, t.Name.Name)
				}
			}
		}
	}
	return out
}

// obvious methods mean what their interface says.
var obvious = map[string]bool{"String": true, "Error": true, "Unwrap": true, "Close": true, "ServeHTTP": true, "MarshalText": true, "Read": true, "Write": true}

func exportedReceiver(d *ast.FuncDecl) bool {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
