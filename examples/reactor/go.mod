module example/reactor

go 1.24
