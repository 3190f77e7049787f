import Health

extension [HealthCheckResult]: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let rows = map { result -> [TextTable.Cell] in
            [
                .init(result.status.rawValue, result.status.look), .init(result.check.rawValue),
                .init(result.message),
            ]
        }
        let lines = zip(self, TextTable.lines(rows, style)).flatMap { [$1] + style.help($0.hint) }
        func number(_ status: HealthCheckResult.Status) -> Int { count { $0.status == status } }
        let counts =
            "\(number(.ok)) ok, \(Quantity.of(number(.warn), "warning")), \(number(.fail)) failed, "
            + "\(number(.skip)) skipped"
        return [lines, [counts]]
    }
}

extension HealthCheckResult.Status {
    fileprivate var look: TextStyle.Look {
        switch self {
        case .ok: .green
        case .warn: .yellow
        case .fail: .red
        case .skip: .dim
        }
    }
}
