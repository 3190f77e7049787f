import Diagnostics
import Support
import Templates
import YAML

extension JobExport.Entry {
    /// The prompt's entry in the spec.
    ///
    /// - Parameters:
    ///   - withAliases: Whether the prompt has its own aliases.
    ///   - isInFile: Whether its settings are in its file.
    ///   - isAdopted: Whether it becomes the job's.
    /// - Returns: The entry.
    func value(withAliases: Bool, isInFile: Bool, isAdopted: Bool) -> JSONValue {
        var value: JSONValue = ["file": .text(file)]
        if isAdopted { value["adopt"] = .bool(true) }
        let settings = isInFile ? [] : settings(withAliases: withAliases)
        let isFirst = { (setting: JSONValue.Member) in ["variables", "syntax"].contains(setting.key) }
        for setting in settings where isFirst(setting) {
            value[setting.key] = setting.value.withoutInterpolation
        }
        if template.newlines != .lf { value["newlines"] = .string(template.newlines.rawValue) }
        if keepsFrontMatter { value["front_matter"] = .string(FrontMatterMode.keep.rawValue) }
        if template.byteOrderMark != .drop { value["bom"] = .string(template.byteOrderMark.rawValue) }
        if !silenced.isEmpty {
            value["warnings"] = .object(silenced.sorted().map { .init($0, .bool(false)) })
        }
        for setting in settings where !isFirst(setting) {
            value[setting.key] = setting.value.withoutInterpolation
        }
        return value
    }

    /// What the file or the spec says of the prompt.
    private func settings(withAliases: Bool) -> [JSONValue.Member] {
        var settings: [JSONValue.Member] = [.init("variables", JSONValue(template.variables))]
        if template.syntax != TemplateSyntax(ofFile: file) {
            settings.append(.init("syntax", .string(template.syntax.rawValue)))
        }
        if let description = prompt.description {
            settings.append(.init("description", .string(description)))
        }
        if !prompt.tags.isEmpty {
            let tags = prompt.tags.sorted { $0.key < $1.key }
            settings.append(.init("tags", .object(tags.map { .init($0.key, .string($0.value)) })))
        }
        if withAliases, !prompt.aliases.isEmpty {
            settings.append(.init("aliases", JSONValue(prompt.aliases)))
        }
        if let modelConfig { settings.append(.init("model_config", modelConfig)) }
        if let responseFormat { settings.append(.init("response_format", responseFormat)) }
        return settings
    }

    // MARK: Front matter

    /// Whether the text begins like front matter or marks roles, and is registered so.
    private var keepsFrontMatter: Bool {
        if TemplateSource.isChat(file) { return false }
        return TemplateSource(template.text, path: file, frontMatter: .drop).line > 1
            || TemplateText(template.text, start: SourceLocation(file: file))
                .dotpromptMessages(isDotprompt: false) != nil
    }

    /// Whether the file can have front matter before what is registered.
    var mayHaveFrontMatter: Bool {
        !TemplateSource.isChat(file) && !keepsFrontMatter && template.byteOrderMark == .drop
    }

    /// The settings as front matter, with the blank line below that belongs to it; empty where the file can have none.
    func frontMatter(withAliases: Bool) -> String {
        guard mayHaveFrontMatter else { return "" }
        return "---\n\(JSONValue.object(settings(withAliases: withAliases)).readableYAMLText)---\n\n"
    }
}
