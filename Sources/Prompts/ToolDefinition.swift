import Support

/// A function that a model may call, as a prompt's `model_config` holds it under `tools`: MLflow keeps settings that it
/// does not know as they are, and agents pass them on to the model.
package struct ToolDefinition: Hashable, Sendable {
    /// The key of `model_config`.
    package static let key = "tools"

    /// The function's name.
    package var name: String
    /// The names of the parameters that a call must have.
    package var required: Set<String>
    /// The names of all parameters.
    package var parameters: Set<String>
    /// The definition as JSON, with sorted keys.
    package var text: String

    /// The tools of a `model_config`.
    ///
    /// - Parameter modelConfig: The settings as JSON.
    /// - Returns: Those that have a name, in their order; the last of one name counts.
    package static func list(in modelConfig: String?) -> [ToolDefinition] {
        guard let modelConfig, modelConfig.contains("\"\(key)\""),
            case .array(let items)? = (try? JSONValue(parsing: modelConfig))?[key]
        else { return [] }
        return items.compactMap { item in
            let function = item["function"] ?? item
            guard case .string(let name)? = function["name"] else { return nil }
            let schema = function["parameters"]
            var (required, parameters): (Set<String>, Set<String>) = ([], [])
            if case .array(let names)? = schema?["required"] {
                required = Set(names.compactMap { if case .string(let name) = $0 { name } else { nil } })
            }
            if case .object(let members)? = schema?["properties"] { parameters = Set(members.map(\.key)) }
            return ToolDefinition(
                name: name, required: required, parameters: parameters, text: item.indented(sortingKeys: true)
            )
        }
    }
}

/// How the tools of two versions differ, function by function.
package struct ToolChanges: Sendable {
    /// A function that differs, on either side; nil where it is not there.
    package struct Change: Hashable, Sendable {
        /// The old definition.
        package var old: ToolDefinition?
        /// The new definition.
        package var new: ToolDefinition?

        /// The function's name.
        package var name: String { new?.name ?? old?.name ?? "" }

        /// What a caller notices, in words.
        package var description: String {
            guard let old else { return "adds \(name)" }
            guard let new else { return "drops \(name)" }
            let required = new.required.subtracting(old.required).sorted()
            let added = new.parameters.subtracting(old.parameters).subtracting(required).sorted()
            let dropped = old.parameters.subtracting(new.parameters).sorted()
            let optional = old.required.subtracting(new.required).intersection(new.parameters).sorted()
            let details = [
                ("now requires", required), ("adds", added), ("drops", dropped),
                ("no longer requires", optional),
            ]
            .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ", "))" }
            return details.isEmpty ? "changes \(name)" : "\(name) " + details.joined(separator: ", ")
        }

        /// Whether agents that handle the old function's calls may fail: it is gone, or calls need more.
        package var mayBreak: Bool {
            guard let old else { return false }
            guard let new else { return true }
            return !new.required.subtracting(old.required).isEmpty
        }
    }

    /// The functions that differ: in the order of the new tools, then those that are gone.
    package var changes: [Change] = []
    /// The names in their old and new order, where nothing else differs.
    package var orders: (old: [String], new: [String])?

    /// What differs, in words.
    package var descriptions: [String] {
        changes.map(\.description)
            + (orders.map { ["another order: \($0.new.joined(separator: ", "))"] } ?? [])
    }

    /// Compares the tools of two contents.
    package init(from old: PromptContent?, to new: PromptContent) {
        let before = ToolDefinition.list(in: old?.modelConfig)
        let after = ToolDefinition.list(in: new.modelConfig)
        for tool in after {
            let same = before.last { $0.name == tool.name }
            if same?.text.isIdentical(to: tool.text) != true { changes.append(Change(old: same, new: tool)) }
        }
        for tool in before where !after.contains(where: { $0.name == tool.name }) {
            changes.append(Change(old: tool))
        }
        let names = (before.map(\.name), after.map(\.name))
        if changes.isEmpty, names.0 != names.1 { orders = names }
    }
}

extension PromptContent {
    /// The settings without the tools, which are compared by themselves; nil where nothing is left.
    package var modelConfigWithoutTools: String? {
        guard let modelConfig, modelConfig.contains("\"\(ToolDefinition.key)\""),
            case .object(let members)? = try? JSONValue(parsing: modelConfig)
        else { return modelConfig }
        let rest = members.filter { $0.key != ToolDefinition.key }
        return rest.isEmpty ? nil : JSONValue.object(rest).serialized
    }
}
