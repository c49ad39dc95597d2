module example/custom_imports

go 1.24
