module example/go_test

go 1.24
