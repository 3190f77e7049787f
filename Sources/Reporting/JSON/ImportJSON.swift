import Jobs
import Prompts
import Support
package import Views

/// An imported job as JSON.
package enum ImportJSON {
    /// The job as JSON, ended by a newline.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - folder: Where it was written, as the user wrote it.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ job: JobImport, folder: String) -> String {
        let export = job.export
        return JSONValue([
            "registry": job.registry.address, "workspace": job.registry.workspace, "job": export.name,
            "alias": job.alias, "folder": folder, "spec": export.entries.isEmpty ? nil : export.specPath,
            "prompts": export.entries.map { value($0, job.prompts[$0.prompt.fullName]) },
            "left_out": export.leftOut.map { JSONValue(["full_name": $0.fullName, "reason": $0.reason]) },
        ]).document
    }

    private static func value(_ entry: JobExport.Entry, _ prompt: ImportedPrompt?) -> JSONValue {
        let tags = (prompt?.leftOutTags ?? []).map { JSONValue(["key": $0.key, "reason": $0.reason]) }
        return JSONValue([
            "name": entry.name, "full_name": entry.prompt.fullName, "version": prompt?.version.number,
            "newest_version": prompt?.newest, "file": entry.path, "aliases": entry.prompt.aliases,
            "left_out_tags": tags,
        ])
    }
}
