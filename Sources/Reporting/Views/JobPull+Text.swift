import Jobs
import Prompts
package import Support
package import Views

extension JobPull: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let rows = entries.flatMap { entry -> [[TextTable.Cell]] in
            let problem = entry.problem.map { "not written: \($0)" }
            let said = [problem].compactMap(\.self) + entry.remarks
            let first: [TextTable.Cell] = [
                .init(entry.name), .init(VersionPhrase.number(entry.version)),
                .init(said.first ?? "", entry.problem == nil ? nil : .red),
            ]
            return [first] + said.dropFirst().map { [.init(""), .init(""), .init($0)] }
        }
        let patches = files.map(FilePatch.init)
        let diffs = patches.map { patch in patch.lines.map { style($0.text, $0.look) } }
        var conclusion: [String] = []
        if isRefused {
            conclusion = ["Nothing is written: not all of it can be."]
            let rest = entries.filter { $0.problem == nil && $0.version != nil }.map(\.name)
            if !rest.isEmpty {
                conclusion.append("The rest can: --select \(rest.joined(separator: ",").shellWord)")
            }
        } else if files.isEmpty {
            conclusion = ["No changes. The files have what the registry has."]
        }
        let escaped = zip(files, patches).filter { !$1.isExact }.map(\.0.path)
        if !escaped.isEmpty {
            conclusion.append(
                "Not all of it is shown as it is, so no patch: \(escaped.listed(5).escapedForTerminal)")
        }
        return [[style.header("pull \(job)", registry)] + TextTable.lines(rows, style)] + diffs + [conclusion]
    }

    package var json: JSONValue {
        JSONValue([
            "registry": registry.address, "workspace": registry.workspace, "job": job, "refused": isRefused,
            "prompts": entries.map { entry in
                JSONValue([
                    "name": entry.name, "version": entry.version, "problem": entry.problem,
                    "remarks": entry.remarks,
                ])
            },
            "files": files.map(\.path),
        ])
    }
}
