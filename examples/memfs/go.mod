module example/memfs

go 1.24
