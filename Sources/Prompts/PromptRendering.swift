package import Diagnostics
import Support
package import Templates

extension Diagnostic.Code {
    static let notMessages = Self(rawValue: "not-messages")
    /// A message of a chat that MLflow's `format` cannot fill in, or of which it leaves something out.
    package static let notFormattable = Self(rawValue: "not-formattable")
}

/// A registered prompt with its variables filled in, as MLflow's `PromptVersion.format` does it.
package struct PromptRendering: Hashable, Sendable {
    /// The text, or a chat prompt's messages as a JSON list; nil when there are errors.
    package let text: String?
    /// The errors and warnings.
    package let diagnostics: [Diagnostic]

    /// Renders a prompt.
    ///
    /// - Parameters:
    ///   - template: The registered text, or a chat prompt's messages as a JSON list.
    ///   - isChat: Whether it is a list of messages.
    ///   - values: The values; no name occurs twice.
    ///   - places: Where a file uses the variables, for errors about those without a value.
    package init(
        of template: String, isChat: Bool, values: [TemplateValue], places: [String: SourceLocation] = [:]
    ) {
        guard isChat else {
            let rendered = TemplateRenderer([template]).render(values, places: places)
            text = rendered.texts?.joined()
            diagnostics = rendered.diagnostics
            return
        }
        do throws(ChatMessage.Problem) {
            let all = try ChatMessage.messages(in: template)
            let (messages, others) = (try ChatMessage.fillable(all), ChatMessage.texts(of: all).others)
            let renderer = TemplateRenderer(messages.map(\.content), others: others)
            let rendered = renderer.render(values, places: places)
            text = rendered.texts.map { ChatMessage.list(zip(messages.map(\.role), $0)).serialized }
            let leftOut = messages.lazy.compactMap(\.leftOut).first.map { key in
                Diagnostic.warning(
                    .notFormattable, "MLflow's format() leaves out the '\(key)' of messages", at: nil,
                    help: "load_prompt() gives the messages as they are")
            }
            diagnostics = rendered.diagnostics + [leftOut].compactMap(\.self)
        } catch {
            text = nil
            diagnostics = [
                .error(
                    .notMessages, error.reason, at: nil,
                    help:
                        "MLflow's format() takes messages whose content is text; load_prompt() gives them as they are"
                )
            ]
        }
    }
}
