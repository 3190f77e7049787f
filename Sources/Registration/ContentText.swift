import JobSpec
package import PromptRegistry

extension PromptContent {
    /// The template for people to read and compare: a chat prompt's messages one after the other, each under its
    /// role.
    package var readableTemplate: String {
        guard kind == .chat, case .array(let messages)? = try? JSONValue(parsing: template) else {
            return template
        }
        return messages.map { message in
            guard case .object(let fields) = message, case .string(let role)? = fields["role"],
                case .string(let content)? = fields["content"]
            else { return template }
            return "[\(role)]\n\(content)"
        }.joined(separator: "\n")
    }
}
