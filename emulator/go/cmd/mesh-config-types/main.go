// mesh-config-types prints the types of istiod's mesh configuration as the module that the program reads,
// components/mesh/mesh-config/types.ts.
package main

import (
	"fmt"
	"log"
	"runtime/debug"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	meshconfig "istio.io/api/mesh/v1alpha1"
)

// wellKnown are messages whose JSON is not an object of their fields.
var wellKnown = map[protoreflect.FullName]string{
	"google.protobuf.BoolValue":   "bool",
	"google.protobuf.DoubleValue": "double",
	"google.protobuf.Duration":    "duration",
	"google.protobuf.FloatValue":  "float",
	"google.protobuf.Int32Value":  "int32",
	"google.protobuf.Int64Value":  "int64",
	"google.protobuf.StringValue": "string",
	"google.protobuf.Struct":      "object",
	"google.protobuf.UInt32Value": "uint32",
	"google.protobuf.UInt64Value": "uint64",
}

func main() {
	log.SetFlags(0)
	messages := reachable((&meshconfig.MeshConfig{}).ProtoReflect().Descriptor())
	names := shortNames(messages)
	fmt.Printf(`/**
 * Types of istiod's mesh configuration, a message with its fields on each line that is not indented: %[1]s[]%[1]s is a
 * list, %[1]s{}%[1]s a map by name, %[1]s(A|B)%[1]s one of these names, %[1]sobject%[1]s any object.
 * Made from istio.io/api %[2]s:
 *
 *     (cd emulator/go && go run ./cmd/mesh-config-types) > components/mesh/mesh-config/types.ts
 */
export const meshConfigTypes = %[1]s
`, "`", apiVersion())
	for _, message := range messages {
		words := []string{names[message.FullName()]}
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			words = append(words, field.JSONName()+":"+typeOf(field, names))
		}
		fmt.Println(wrap(words, 115))
	}
	fmt.Println("`;")
}

// apiVersion is the version of the module that holds the messages.
func apiVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "istio.io/api" {
			return module.Version
		}
	}
	log.Fatal("istio.io/api is not among the modules of this build.")
	return ""
}

// reachable lists a message and those of its fields, each once, in the order in which they are first used.
func reachable(root protoreflect.MessageDescriptor) []protoreflect.MessageDescriptor {
	seen := map[protoreflect.FullName]bool{}
	var found []protoreflect.MessageDescriptor
	var visit func(protoreflect.MessageDescriptor)
	visit = func(message protoreflect.MessageDescriptor) {
		if message == nil || wellKnown[message.FullName()] != "" || seen[message.FullName()] {
			return
		}
		seen[message.FullName()] = true
		if !message.IsMapEntry() {
			found = append(found, message)
		}
		for i := range message.Fields().Len() {
			visit(message.Fields().Get(i).Message())
		}
	}
	visit(root)
	return found
}

// shortNames are the messages' own names, with their parents' where two would have the same.
func shortNames(messages []protoreflect.MessageDescriptor) map[protoreflect.FullName]string {
	count := map[protoreflect.Name]int{}
	for _, message := range messages {
		count[message.Name()]++
	}
	names := map[protoreflect.FullName]string{}
	for _, message := range messages {
		name := string(message.Name())
		if count[message.Name()] > 1 {
			name = string(message.Parent().Name()) + "." + name
		}
		names[message.FullName()] = name
	}
	return names
}

func typeOf(field protoreflect.FieldDescriptor, names map[protoreflect.FullName]string) string {
	switch {
	case field.IsMap():
		return single(field.MapValue(), names) + "{}"
	case field.IsList():
		return single(field, names) + "[]"
	default:
		return single(field, names)
	}
}

func single(field protoreflect.FieldDescriptor, names map[protoreflect.FullName]string) string {
	if enum := field.Enum(); enum != nil {
		var values []string
		for i := range enum.Values().Len() {
			values = append(values, string(enum.Values().Get(i).Name()))
		}
		return "(" + strings.Join(values, "|") + ")"
	}
	if message := field.Message(); message != nil {
		if known := wellKnown[message.FullName()]; known != "" {
			return known
		}
		return names[message.FullName()]
	}
	return field.Kind().String()
}

// wrap breaks a message's line so that no line is longer than the width, if its words allow.
func wrap(words []string, width int) string {
	lines := []string{words[0]}
	for _, word := range words[1:] {
		last := len(lines) - 1
		if len(lines[last])+1+len(word) > width {
			lines = append(lines, "  "+word)
		} else {
			lines[last] += " " + word
		}
	}
	return strings.Join(lines, "\n")
}
