import Diagnostics
import PromptRegistry
import Registration

/// What changes in a prompt's template, as a unified diff.
struct TemplateDiff {
    /// The kinds of lines in a diff.
    enum Kind {
        case file, hunk, same, added, removed

        /// The colour of such lines on a terminal.
        var look: ANSIStyle.Look? {
            switch self {
            case .file: .bold
            case .hunk: .cyan
            case .same: nil
            case .added: .green
            case .removed: .red
            }
        }
    }

    /// The lines. Nothing of the templates in them is escaped yet.
    let lines: [(kind: Kind, text: String)]

    /// The difference between the template that a prompt has and the one that it gets.
    ///
    /// - Parameter prompt: The prompt; nil is the result when its template stays as it is.
    init?(_ prompt: PlannedPrompt) {
        guard let old = prompt.previousContent else { return nil }
        let new = prompt.version.content
        var hunks = LineDiff(from: old.readableTemplate, to: new.readableTemplate).hunks
        if hunks.isEmpty, prompt.differences.contains(.template) {
            // Chat messages may differ in what their readable form does not show.
            hunks = LineDiff(from: old.template, to: new.template).hunks
        }
        guard !hunks.isEmpty else { return nil }
        var lines: [(kind: Kind, text: String)] = [
            (.file, "--- \(VersionPhrase.number(prompt.previousVersion))"),
            (.file, "+++ \(prompt.source.path.escapedForTerminal)"),
        ]
        for hunk in hunks {
            lines.append(
                (.hunk, "@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@"))
            lines += hunk.lines.map { line in
                switch line {
                case .same(let text): (.same, " " + text)
                case .added(let text): (.added, "+" + text)
                case .removed(let text): (.removed, "-" + text)
                }
            }
        }
        self.lines = lines
    }
}
