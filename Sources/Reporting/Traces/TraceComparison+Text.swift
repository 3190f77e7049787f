package import Evidence
import Prompts
import Support

extension TraceComparison: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let tables = prompts.map { $0.lines(under: TraceWording.titles(self), style) }
        let isDoubted = tables.joined().contains { $0.contains(TraceWording.mark) }
        return tables + [isDoubted ? [style(TraceWording.legend(self), .dim)] : []]
    }
}

extension TraceComparison.Prompt {
    fileprivate func lines(under titles: [String], _ style: TextStyle) -> [String] {
        let title = style(name.escapedForTerminal, .bold)
        let shown = TraceWording.shown(self)
        guard !shown.isEmpty else { return ["\(title): no version has traces or aliases"] }
        let rows = shown.map { TraceWording.fields($0).map { TextTable.Cell($0) } }
        let differences = TraceWording.comparisons(self).map { $0.versions + $0.words.escapedForTerminal }
        return [title] + TextTable.lines(rows, under: titles, style) + differences
    }
}
