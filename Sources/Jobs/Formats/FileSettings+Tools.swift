import Support
import YAML

/// The functions that a model may call, as files define them.
extension FileSettings {
    /// Takes the tools of a file.
    mutating func addTools(_ entry: YAMLEntry) {
        let isList = entry.value.items?.allSatisfy { item in
            let kind = (item["type"] ?? item["kind"])?.text ?? "function"
            return item["function"] != nil || item["name"] != nil && kind == "function"
        }
        let isPath = entry.value.text.map { text in
            [".json", ".yaml", ".yml"].contains(where: text.hasSuffix)
        }
        if isList == true {
            let tools = entry.value.items?.map(Self.tool) ?? []
            entries.append(
                entry.with(
                    key: entry.key,
                    value: YAMLNode(
                        value: .sequence(tools), location: entry.value.location, length: entry.value.length)))
        } else if isPath == true {
            entries.append(entry)
        } else {
            leaveOut(entry, nil, "a prompt's tools are definitions of functions")
        }
    }

    /// A function of Prompty's, whose parameters may be a list, as its inputs are.
    private static func tool(_ item: YAMLNode) -> YAMLNode {
        guard let entries = item.entries, item["function"] == nil else { return item }
        let members = entries.compactMap { inner -> YAMLEntry? in
            if inner.key == "kind" { return nil }
            guard inner.key == "parameters", inner.value.items != nil else { return inner }
            return inner.with(
                key: inner.key, value: YAMLNode(schema(named(inner.value)), at: inner.value.location))
        }
        return YAMLNode(value: .mapping(members), location: item.location, length: item.length)
    }
}
