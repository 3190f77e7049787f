package import Health
import Support

/// Health check results on a terminal.
package struct HealthText: Sendable {
    private let style: ANSIStyle

    /// A renderer.
    ///
    /// - Parameter color: Whether to use ANSI colours.
    package init(color: Bool) {
        style = ANSIStyle(isOn: color)
    }

    /// The results as text.
    ///
    /// - Parameter results: The results, in the order for people.
    /// - Returns: A line for each, what to do about it below, and a line that counts them.
    package func render(_ results: [HealthCheckResult]) -> String {
        let rows = results.map(row)
        let table = TextTable(rows)
        var lines: [String] = []
        for (result, row) in zip(results, rows) {
            lines.append(table.line(row, style))
            guard let hint = result.hint else { continue }
            lines.append("    \(style("help:", .cyan)) \(hint.escapedForTerminal)")
        }
        lines += ["", counts(results)]
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func row(_ result: HealthCheckResult) -> [TextTable.Cell] {
        [
            .init(result.status.rawValue, look(result.status)), .init(result.check.rawValue),
            .init(result.message),
        ]
    }

    private func look(_ status: HealthCheckResult.Status) -> ANSIStyle.Look {
        switch status {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        case .skip: .dim
        }
    }

    private func counts(_ results: [HealthCheckResult]) -> String {
        func count(_ status: HealthCheckResult.Status) -> Int { results.count { $0.status == status } }
        return "\(count(.ok)) ok, \(Quantity.of(count(.warn), "warning")), \(count(.fail)) failed, "
            + "\(count(.skip)) skipped"
    }
}
