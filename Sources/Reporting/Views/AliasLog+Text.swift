package import Prompts

extension AliasLog: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        guard !entries.isEmpty else { return [] }
        let rows = entries.map { entry -> [TextTable.Cell] in
            [
                .init(entry.at), .init(entry.alias),
                .init("\(VersionPhrase.number(entry.from)) → \(VersionPhrase.number(entry.to))"),
                .init(entry.by ?? ""), .init(String((entry.commit ?? "").prefix(8)), .yellow),
                .init(entry.job ?? ""),
            ]
        }
        return [TextTable.lines(rows, under: ["AT", "ALIAS", "MOVE", "BY", "COMMIT", "JOB"], style)]
    }
}
