// Reads YAML for the tests of what Latchkey writes, by the libraries that most Go programs read it with.
module latchkey/test/formats/yaml

go 1.25.0

require (
	gopkg.in/yaml.v3 v3.0.1
	sigs.k8s.io/yaml v1.6.0
)

require go.yaml.in/yaml/v2 v2.4.2 // indirect
