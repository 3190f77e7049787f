package import Prompts

/// The results of health checks on a terminal.
package enum FindingsText {
    /// The results as text.
    ///
    /// - Parameters:
    ///   - findings: The results, in the order for people.
    ///   - style: How to write them.
    /// - Returns: A line for each with what to do about it below, and a line that counts them.
    package static func render(_ findings: [RegistryFinding], _ style: TextStyle) -> String {
        let rows = findings.map { finding -> [TextTable.Cell] in
            [
                .init(finding.status.rawValue, look(finding.status)), .init(finding.check.rawValue),
                .init(finding.message),
            ]
        }
        let lines = zip(findings, TextTable.lines(rows, style)).flatMap { [$1] + style.help($0.hint) }
        func count(_ status: RegistryFinding.Status) -> Int { findings.count { $0.status == status } }
        let counts =
            "\(count(.ok)) ok, \(Quantity.of(count(.warn), "warning")), \(count(.fail)) failed, "
            + "\(count(.skip)) skipped"
        return [lines, [counts]].text
    }

    private static func look(_ status: RegistryFinding.Status) -> TextStyle.Look {
        switch status {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        case .skip: .dim
        }
    }
}
