package import Diagnostics
package import Templates

extension Diagnostic.Code {
    static let notMessages = Self(rawValue: "not-messages")
}

/// A registered prompt with values in the place of its variables, as MLflow's `PromptVersion.format` gives it.
package struct PromptRendering: Hashable, Sendable {
    /// The text, or a chat prompt's messages as a JSON list; nil when anything is wrong.
    package let text: String?
    /// What is wrong or doubtful.
    package let diagnostics: [Diagnostic]

    /// Renders a prompt.
    ///
    /// - Parameters:
    ///   - template: The registered text, or a chat prompt's messages as a JSON list.
    ///   - isChat: Whether it is a list of messages.
    ///   - values: The values; no name occurs twice.
    ///   - places: Where the variables stand in a file, for those that have no value.
    package init(
        of template: String, isChat: Bool, values: [TemplateValue], places: [String: SourceLocation] = [:]
    ) {
        guard isChat else {
            let rendered = TemplateRenderer([template]).render(values, places: places)
            text = rendered.texts?.joined()
            diagnostics = rendered.diagnostics
            return
        }
        do throws(ChatMessages.Problem) {
            let chat = try ChatMessages(json: template)
            let rendered = TemplateRenderer(chat.messages.map(\.content)).render(values, places: places)
            text = rendered.texts.map(chat.json(with:))
            diagnostics = rendered.diagnostics
        } catch {
            text = nil
            diagnostics = [
                .error(
                    .notMessages, error.reason, at: nil,
                    help: "MLflow fills in messages whose content is text, and no others")
            ]
        }
    }
}
