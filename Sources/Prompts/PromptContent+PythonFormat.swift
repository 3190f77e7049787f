import Support
package import Templates

extension PromptContent {
    /// The template for Python's `str.format`; of a chat prompt, the list of messages with their contents so.
    ///
    /// - Returns: The text, and whether MLflow's `to_single_brace_format` gives one that `str.format` reads otherwise.
    /// - Throws: Why it cannot be written so.
    package func pythonFormat() throws(PythonFormatText.Problem) -> (text: String, differsFromMLflows: Bool) {
        guard kind == .chat, let messages = try? ChatMessage.messages(in: template),
            case .array(let items) = JSONValue(stored: template)
        else {
            let format = try PythonFormatText(
                template, rendersAsJinja: PythonFormatText.rendersAsJinja([template]))
            return (format.text, format.differsFromMLflows)
        }
        let rendersAsJinja = PythonFormatText.rendersAsJinja(messages.compactMap(\.content))
        var differs = false
        func written(_ value: JSONValue, key: String) throws(PythonFormatText.Problem) -> JSONValue {
            switch value {
            case .string(let text) where !["type", "detail", "format"].contains(key):
                let format = try PythonFormatText(text, rendersAsJinja: rendersAsJinja)
                differs = differs || format.differsFromMLflows
                return .string(format.text)
            case .array(let items):
                var list: [JSONValue] = []
                for item in items { list.append(try written(item, key: key)) }
                return .array(list)
            case .object(let members):
                var list: [JSONValue.Member] = []
                for member in members {
                    list.append(.init(member.key, try written(member.value, key: member.key)))
                }
                return .object(list)
            default: return value
            }
        }
        var all: [JSONValue] = []
        for var item in items {
            if let content = item["content"] { item["content"] = try written(content, key: "content") }
            all.append(item)
        }
        return (JSONValue.array(all).serialized, differs)
    }
}
