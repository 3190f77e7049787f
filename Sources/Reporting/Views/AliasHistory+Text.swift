import Prompts
package import Views

extension AliasHistory: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        guard !moves.isEmpty else { return [] }
        let rows = moves.map { move -> [TextTable.Cell] in
            let entry = move.entry
            let step = "\(VersionPhrase.number(entry.from)) → \(VersionPhrase.number(entry.to))"
            let commit = entry.commit.map { String($0.prefix(8)) + (entry.isDirty == true ? "*" : "") }
            let now = move.drift.map { "; now at \(VersionPhrase.number($0.place))" } ?? ""
            return [
                .init(entry.at), .init(entry.alias), .init(step + now, now.isEmpty ? nil : .yellow),
                .init(entry.by ?? ""), .init(commit ?? "", .yellow),
                .init(
                    ([entry.job ?? ""] + Self.remarks(move)).filter { !$0.isEmpty }.joined(separator: " ")),
            ]
        }
        return [TextTable.lines(rows, under: ["AT", "ALIAS", "MOVE", "BY", "COMMIT", "JOB"], style)]
    }

    private static func remarks(_ move: Move) -> [String] {
        let entry = move.entry
        return [
            move.isUncertain ? "(may not have been made)" : nil,
            entry.isFoundThere ? "(found there)" : nil,
            entry.isRollback == true ? "(rollback)" : nil,
            entry.policyOverride.map { "(policy overridden: \($0))" },
            entry.gateOverride.map { "(failed gates allowed: \($0))" }, entry.evidence.map { "(\($0))" },
        ].compactMap(\.self)
    }
}
