import Prompts
package import Views
import YAML

/// A list of prompts as JSON.
package enum PromptListJSON {
    /// The list as JSON, ended by a newline.
    ///
    /// - Parameter listing: The prompts.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ listing: PromptListing) -> String {
        JSONText.object([
            .init("registry", .string(listing.registry.address)),
            .init("workspace", JSONText(listing.registry.workspace)), .init("job", JSONText(listing.job)),
            .init("target", JSONText(listing.target)), .init("alias", JSONText(listing.alias)),
            .init("prompts", .array(listing.entries.map(value))),
        ]).document
    }

    private static func value(_ entry: PromptListing.Entry) -> JSONText {
        let version = entry.version
        let uri = version.map { PromptURI(name: entry.name, reference: .version($0.number)).description }
        return .object([
            .init("name", .string(entry.name)), .init("name_in_job", JSONText(entry.nameInJob)),
            .init("registered", JSONText(entry.prompt != nil)), .init("version", JSONText(version?.number)),
            .init("uri", JSONText(uri)), .init("newest_version", JSONText(entry.prompt?.newest?.number)),
            .init("aliases", VersionJSON.aliases(of: entry.prompt)),
            .init("variables", JSONText(version?.content.variables ?? [])),
            .init("created_at", JSONText(Moment(version?.createdAt)?.text)),
            .init("description", JSONText(entry.prompt?.description)),
            .init("tags", VersionJSON.tags(entry.prompt?.tags ?? [:])),
        ])
    }
}
