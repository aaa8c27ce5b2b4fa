module example.com/rootski/web

go 1.26.0
