package import Prompts
package import Support

extension LockVerification: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let rows = entries.map { entry -> [TextTable.Cell] in
            [
                .init(entry.status.rawValue, entry.status.look), .init(entry.locked.name),
                .init(VersionPhrase.number(entry.locked.version)), .init(entry.reason ?? ""),
            ]
        }
        let moved = entries.count { $0.status == .moved }
        let served = entries.count { $0.status == .ok } + moved
        let places = moved > 0 ? alias.map { "; '\($0)' is elsewhere on \(moved)" } : nil
        return [
            TextTable.lines(rows, style),
            [
                "\(served) of \(Quantity.of(entries.count, "locked version")) served by \(registry)\(places ?? "")"
                    .escapedForTerminal
            ],
        ]
    }

    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "alias": alias, "ok": holds,
            "prompts": entries.map(\.json),
        ])
    }
}

extension LockVerification.Entry {
    fileprivate var json: JSONValue {
        JSONValue([
            "name": locked.name, "full_name": locked.fullName, "uri": locked.uri, "version": locked.version,
            "status": status.rawValue, "reason": reason,
        ])
    }
}

extension LockVerification.Status {
    fileprivate var look: TextStyle.Look { self == .ok ? .green : .red }
}
