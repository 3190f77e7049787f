package import Health

/// The results of health checks on a terminal.
package enum HealthText {
    /// The results as text.
    ///
    /// - Parameters:
    ///   - results: The results, in the order for people.
    ///   - style: How to write them.
    /// - Returns: A line for each with what to do about it below, and a line that counts them.
    package static func render(_ results: [HealthCheckResult], _ style: TextStyle) -> String {
        let rows = results.map { result -> [TextTable.Cell] in
            [
                .init(result.status.rawValue, look(result.status)), .init(result.check.rawValue),
                .init(result.message),
            ]
        }
        let lines = zip(results, TextTable.lines(rows, style)).flatMap { [$1] + style.help($0.hint) }
        func count(_ status: HealthCheckResult.Status) -> Int { results.count { $0.status == status } }
        let counts =
            "\(count(.ok)) ok, \(Quantity.of(count(.warn), "warning")), \(count(.fail)) failed, "
            + "\(count(.skip)) skipped"
        return [lines, [counts]].text
    }

    private static func look(_ status: HealthCheckResult.Status) -> TextStyle.Look {
        switch status {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        case .skip: .dim
        }
    }
}
