import Jobs
import Prompts
import Support
package import Views

/// A job that was made of what a registry holds, as JSON.
package enum ImportJSON {
    /// The job as JSON, ended by a newline.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - folder: Where it was written, as the user wrote it.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ job: JobImport, folder: String) -> String {
        let isWritten = !job.export.entries.isEmpty
        return JSONValue.object([
            .init("registry", .string(job.registry.address)),
            .init("workspace", JSONValue(job.registry.workspace)), .init("job", .string(job.export.name)),
            .init("alias", JSONValue(job.alias)), .init("folder", .string(folder)),
            .init("spec", isWritten ? .string(job.export.specPath) : .null),
            .init("prompts", .array(job.export.entries.map { value($0, job) })),
            .init(
                "left_out",
                .array(
                    job.export.leftOut.map {
                        .object([
                            .init("full_name", .string($0.fullName)), .init("reason", .string($0.reason)),
                        ])
                    })),
        ]).document
    }

    private static func value(_ entry: JobExport.Entry, _ job: JobImport) -> JSONValue {
        let prompt = job.prompts[entry.prompt.fullName]
        let tags = (prompt?.leftOutTags ?? []).map { tag in
            JSONValue.object([.init("key", .string(tag.key)), .init("reason", .string(tag.reason))])
        }
        return .object([
            .init("name", .string(entry.name)), .init("full_name", .string(entry.prompt.fullName)),
            .init("version", JSONValue(prompt?.version.number)),
            .init("newest_version", JSONValue(prompt?.newest)), .init("file", .string(entry.path)),
            .init("aliases", JSONValue(entry.prompt.aliases)), .init("left_out_tags", .array(tags)),
        ])
    }
}
