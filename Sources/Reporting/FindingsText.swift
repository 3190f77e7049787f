import Support
package import Prompts

/// What was found out of a registry, on a terminal.
package struct FindingsText: Sendable {
    private let style: ANSIStyle

    /// A renderer.
    ///
    /// - Parameter color: Whether to use ANSI colours.
    package init(color: Bool) {
        style = ANSIStyle(isOn: color)
    }

    /// The findings as text.
    ///
    /// - Parameter findings: The findings, in the order for people.
    /// - Returns: A line for each, what to do about it below, and a line that counts them.
    package func render(_ findings: [RegistryFinding]) -> String {
        let rows = findings.map(row)
        let table = TextTable(rows)
        var lines: [String] = []
        for (finding, row) in zip(findings, rows) {
            lines.append(table.line(row, style))
            guard let hint = finding.hint else { continue }
            lines.append("    \(style("help:", .cyan)) \(hint.escapedForTerminal)")
        }
        lines += ["", counts(findings)]
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func row(_ finding: RegistryFinding) -> [TextTable.Cell] {
        [
            .init(finding.status.rawValue, look(finding.status)), .init(finding.check.rawValue),
            .init(finding.message),
        ]
    }

    private func look(_ status: RegistryFinding.Status) -> ANSIStyle.Look {
        switch status {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        case .skip: .dim
        }
    }

    private func counts(_ findings: [RegistryFinding]) -> String {
        func count(_ status: RegistryFinding.Status) -> Int { findings.count { $0.status == status } }
        return "\(count(.ok)) ok, \(Quantity.of(count(.warn), "warning")), \(count(.fail)) failed, "
            + "\(count(.skip)) skipped"
    }
}
