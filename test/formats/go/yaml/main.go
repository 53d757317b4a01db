// Reads a JSON list of YAML texts, and writes what each library reads in them: a list of [v3, sigs], as JSON, or an error.
package main

import (
	"encoding/json"
	"os"

	yaml3 "gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"
)

type read struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	results := make([][2]read, 0, len(texts))
	for _, text := range texts {
		results = append(results, [2]read{by(yaml3.Unmarshal, text), bySigs(text)})
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}

func by(unmarshal func([]byte, any) error, text string) read {
	var value any
	if err := unmarshal([]byte(text), &value); err != nil {
		return read{Error: err.Error()}
	}
	return read{Value: value}
}

func bySigs(text string) read {
	var value any
	if err := sigs.Unmarshal([]byte(text), &value); err != nil {
		return read{Error: err.Error()}
	}
	return read{Value: value}
}
