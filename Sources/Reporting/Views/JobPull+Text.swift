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
        let diffs = files.map { file in
            let content = { PromptContent(kind: .text, template: $0) }
            let parts = ContentDiff(from: content(file.old ?? ""), to: content(file.new)).parts
            return UnifiedDiff(parts, from: file.path, to: file.path).text(style)
        }
        let conclusion =
            isRefused
            ? ["Nothing is written: not all of it can be."]
            : files.isEmpty ? ["No changes. The files have what the registry has."] : []
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
