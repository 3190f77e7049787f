import Execution
import Planning
import Prompts
import Support

/// What changes about each prompt of a plan, in blocks that can be folded.
struct HTMLChanges {
    /// The blocks, as far as there is room for them.
    private(set) var blocks: [HTML] = []
    /// The places of the prompts that have a block, by their full names.
    private var places: [String: Int] = [:]

    private static let room = SizeBudget(pieces: 500_000, bytes: 8_000_000)

    /// The changes of a plan, with what became of them.
    init(_ plan: Plan, of report: RunReport) {
        var room = Self.room
        let outcomes = Dictionary(report.prompts.map { ($0.fullName, $0) }) { first, _ in first }
        let changed = plan.prompts.filter { !$0.isQuiet }
        for (index, prompt) in changed.enumerated() {
            guard
                let block = Self.block(
                    prompt, outcomes[prompt.prompt.name], of: report, plan.operation, place: index + 1,
                    room: &room)
            else {
                let rest = Quantity.of(changed.count - index, "more changed prompt")
                blocks.append(.element("p", HTML("\(rest) not shown here.")))
                break
            }
            places[prompt.prompt.name] = index + 1
            blocks.append(block)
        }
    }

    /// The name of a prompt, as a link to its block if it has one.
    func link(to prompt: PromptReport) -> HTML {
        let name = HTML.code(prompt.name)
        return places[prompt.fullName].map { .element("a", ["href": "#prompt-\($0)"], name) } ?? name
    }

    // MARK: One prompt

    /// The block of a prompt; nil if there is no room for it.
    private static func block(
        _ prompt: PlannedPrompt, _ outcome: PromptReport?, of report: RunReport,
        _ operation: Planning.Operation, place: Int, room: inout SizeBudget
    ) -> HTML? {
        let wording = outcome.map { PromptWording($0, of: report) }
        let state = [wording?.state, wording?.version].compactMap(\.self).filter { !$0.isEmpty }
        let summary = HTML.element(
            "summary", .element("h3", .code(prompt.name)), HTML(" " + state.joined(separator: ", ")))
        var content: [HTML] = []
        if prompt.prompt.name != prompt.name { content.append(.element("p", .code(prompt.prompt.name))) }
        if let problem = outcome?.error ?? prompt.problem {
            let hint = problem.hint.map { HTML(" help: \($0)") } ?? HTML("")
            content.append(.element("p", ["class": "bad"], HTML("error: \(problem.message)"), hint))
        }
        if let outcome { content += aliases(of: outcome, prompt, operation, isPlanned: report.mode != .run) }
        let remarks = PlannedPromptText(prompt, of: operation, TextStyle(color: false, verbose: false))
            .remarks
        if !remarks.isEmpty {
            content.append(.element("ul", remarks.map { .element("li", HTML($0)) }))
        }
        let names = (VersionPhrase.number(prompt.previousContentVersion), UnifiedDiff.newName(of: prompt))
        let isNew = prompt.previousContent == nil
        guard room.takes(HTML([summary] + content).source) else { return nil }
        if prompt.action == .create || !isNew,
            let diff = HTMLDiff(from: prompt.previousContent, to: prompt.version.content, names: names)
        {
            content += diff.html(room: &room)
        }
        // The text of a new prompt is there for those who ask for it.
        let id = "prompt-\(place)"
        return isNew
            ? .element("details", ["id": id], [summary] + content)
            : .element("details", ["id": id, "open": ""], [summary] + content)
    }

    /// Where the aliases were and are.
    private static func aliases(
        of outcome: PromptReport, _ prompt: PlannedPrompt, _ operation: Planning.Operation, isPlanned: Bool
    ) -> [HTML] {
        let undone = Dictionary(
            prompt.aliases.map { ($0.alias, prompt.undoneRollback(by: $0, in: operation)) }
        ) { first, _ in first }
        let rows = outcome.aliases.filter { $0.action != .unchanged || $0.status != .ok }.map { alias in
            let after = isPlanned ? alias.targetVersion : alias.version
            let note = (undone[alias.alias] ?? nil).map { "; undoes the rollback of \($0)" } ?? ""
            return [
                HTML.code(alias.alias), HTML(VersionPhrase.number(alias.previousVersion)),
                HTML(VersionPhrase.number(after)),
                HTML((isPlanned ? alias.action.rawValue : alias.status.rawValue) + note),
            ]
        }
        guard !rows.isEmpty else { return [] }
        return [
            .table(
                caption: "Aliases of \(outcome.name)",
                columns: ["Alias", "Before", isPlanned ? "Planned" : "After", "State"], rows: rows)
        ]
    }
}
