import Support
import Templates

extension PromptContent {
    /// The differences that an agent could notice.
    package func differences(from other: PromptContent) -> [Difference] {
        var differences: [Difference] = []
        if kind != other.kind { differences.append(.kind) }
        let isChat = kind == .chat && other.kind == .chat
        if !(isChat ? JSONValue.areEqual(template, other.template) : template.isIdentical(to: other.template))
        {
            differences.append(.template)
        }
        if !JSONValue.areEqual(modelConfig, other.modelConfig) { differences.append(.modelConfig) }
        if !JSONValue.areEqual(responseFormat, other.responseFormat) { differences.append(.responseFormat) }
        return differences
    }

    /// The same content with settings whose keys are in order, however they were written.
    package var normalized: PromptContent {
        var content = self
        content.modelConfig = modelConfig.map(Self.canonical)
        content.responseFormat = responseFormat.map(Self.canonical)
        return content
    }

    /// The settings of the model that differ from another content's, by their keys.
    ///
    /// - Parameter other: The other content, which has the old values.
    /// - Returns: The changes.
    package func settingChanges(from other: PromptContent) -> [SettingChange] {
        let (old, new) = (Self.settings(other.modelConfig), Self.settings(modelConfig))
        return Set(old.keys).union(new.keys).sorted().compactMap { key in
            guard !JSONValue.areEqual(old[key], new[key]) else { return nil }
            return SettingChange(key: key, from: old[key], to: new[key])
        }
    }

    private static func canonical(_ text: String) -> String {
        (try? JSONValue(parsing: text))?.canonical ?? text
    }

    private static func settings(_ text: String?) -> [String: String] {
        guard let text, case .object(let members)? = try? JSONValue(parsing: text) else { return [:] }
        return Dictionary(members.map { ($0.key, $0.value.serialized) }) { _, last in last }
    }

    /// The variables that MLflow fills in, sorted: found in the syntax that it renders this content with.
    package var variables: [String] {
        let (contents, others) = texts
        return TemplateSyntax.analyze(registered: contents, others: others).variables.map(\.name).sorted()
    }

    /// The contents of a chat's messages and its other texts, or the whole template.
    private var texts: (contents: [String], others: [String]) {
        guard kind == .chat, let messages = try? ChatMessage.messages(in: template) else {
            return ([template], [])
        }
        return ChatMessage.texts(of: messages)
    }
}

/// A setting of the model that something changed.
package struct SettingChange: Hashable, Sendable, Codable {
    /// Its key in `model_config`.
    package var key: String
    /// The old value as JSON; nil where there was none.
    package var from: String?
    /// The new value as JSON; nil where there is none.
    package var to: String?

    /// A change.
    package init(key: String, from: String?, to: String?) {
        self.key = key
        self.from = from
        self.to = to
    }
}
