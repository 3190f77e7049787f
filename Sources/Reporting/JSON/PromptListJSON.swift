import Prompts
package import Views
import YAML

/// A list of prompts as JSON.
package enum PromptListJSON {
    /// The list as JSON, ended by a newline.
    ///
    /// - Parameter listing: The prompts.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ listing: PromptListing) -> String {
        JSONText([
            "registry": listing.registry.address, "workspace": listing.registry.workspace,
            "job": listing.job, "target": listing.target, "alias": listing.alias,
            "prompts": listing.entries.map(value),
        ]).document
    }

    private static func value(_ entry: PromptListing.Entry) -> JSONText {
        let (prompt, version) = (entry.prompt, entry.version)
        let uri = version.map { PromptURI(name: entry.name, reference: .version($0.number)).description }
        return JSONText([
            "name": entry.name, "name_in_job": entry.nameInJob, "registered": prompt != nil,
            "version": version?.number, "uri": uri, "newest_version": prompt?.newest?.number,
            "aliases": prompt?.aliases ?? [:], "variables": version?.content.variables ?? [],
            "created_at": Moment(version?.createdAt)?.text, "description": prompt?.description,
            "tags": VersionJSON.tags(prompt?.tags ?? [:]),
        ])
    }
}
