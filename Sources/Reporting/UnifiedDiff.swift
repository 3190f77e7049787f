import Jobs
import Planning
import Prompts
import Support
import Views

/// How two contents differ, as a unified diff.
struct UnifiedDiff {
    /// The lines with their colours. Nothing of the templates in them is escaped yet.
    let lines: [(look: TextStyle.Look?, text: String)]

    /// A diff of parts, one after the other, between two contents with names; nil if there is no old one.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - old: The name of the old content; nil if there is none.
    ///   - new: The name of the new one.
    ///   - files: The files that the new template is made of, which the changes are told by; nil where it is one file.
    init(
        _ parts: [ContentDiff.Part], from old: String?, to new: String, madeOf files: TemplateParts? = nil
    ) {
        var lines: [(look: TextStyle.Look?, text: String)] = []
        for part in parts {
            lines.append((.bold, "--- \(Self.name(part.old, of: old ?? ""))"))
            lines.append((.bold, "+++ \(Self.name(part.new, of: new))"))
            for hunk in part.hunks {
                lines.append((.cyan, Self.range(of: hunk) + Self.place(of: hunk, in: part, files)))
                lines += hunk.lines.map(Self.line)
            }
        }
        self.lines = lines
    }

    /// Which lines a hunk is about.
    static func range(of hunk: LineDiff.Hunk) -> String {
        "@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@"
    }

    /// A line of a hunk with its mark and colour.
    static func line(_ line: LineDiff.Line) -> (look: TextStyle.Look?, text: String) {
        switch line {
        case .same(let text): (nil, " " + text)
        case .added(let text): (.green, "+" + text)
        case .removed(let text): (.red, "-" + text)
        case .omitted(let old, let new): (.dim, "\\ " + omission(old, new))
        }
    }

    /// How the template of a prompt would change; nil if it would not.
    init?(_ prompt: PlannedPrompt) {
        guard let old = prompt.previousContent else { return nil }
        let parts = ContentDiff(from: old, to: prompt.version.content).parts.filter(\.isTemplate)
        guard !parts.isEmpty else { return nil }
        self.init(
            parts, from: VersionPhrase.number(prompt.previousContentVersion), to: Self.newName(of: prompt),
            madeOf: prompt.source.parts)
    }

    /// The file and the line of a hunk's first change, for a template of several files.
    private static func place(
        of hunk: LineDiff.Hunk, in part: ContentDiff.Part, _ files: TemplateParts?
    ) -> String {
        let message: Int
        switch part.new {
        case .template: message = 1
        case .message(let number, _): message = number
        default: return ""
        }
        let same = hunk.lines.prefix { if case .same = $0 { true } else { false } }.count
        guard let place = files?.place(ofLine: hunk.newStart + same, inMessage: message) else { return "" }
        return " \(place.file.escapedForTerminal):\(place.line)"
    }

    /// The name of the new text: its file, or the version that has it.
    static func newName(of prompt: PlannedPrompt) -> String {
        if let path = prompt.source.path { return path }
        let alias = prompt.aliases.first { $0.action == .set || $0.action == .move }
        return VersionPhrase.number(alias.flatMap(prompt.expectedVersion(of:)) ?? prompt.expectedVersion)
    }

    /// The lines for a terminal.
    func text(_ style: TextStyle) -> [String] {
        lines.map { style($0.text.escapedLinesForTerminal, $0.look) }
    }

    /// What is said in place of lines that are too many.
    private static func omission(_ old: Int, _ new: Int) -> String {
        let sides = [(old, "old"), (new, "new")].filter { $0.0 > 0 }
        let counts = sides.map { "\($0.0) of the \($0.1) text's lines" }
        return "left out, as they are too many: " + counts.joined(separator: ", ")
    }

    private static func name(_ part: ContentDiff.Subject?, of content: String) -> String {
        let content = content.escapedForTerminal
        switch part {
        case .template: return content
        case .message(let number, let role):
            return "\(content) message \(number) (\(role.escapedForTerminal))"
        case .modelConfig: return content + " model_config"
        case .toolOrder: return "\(content) order of tools"
        case .tool(let name): return "\(content) tool \(name.escapedForTerminal)"
        case .responseFormat: return content + " response_format"
        case nil: return "/dev/null"
        }
    }
}
