import Prompts
import Support
package import Views

/// A list of prompts as JSON.
package enum PromptListJSON {
    /// The list as JSON, ended by a newline.
    ///
    /// - Parameter listing: The prompts.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ listing: PromptListing) -> String {
        JSONValue.object([
            .init("registry", .string(listing.registry.address)),
            .init("workspace", JSONValue(listing.registry.workspace)), .init("job", JSONValue(listing.job)),
            .init("target", JSONValue(listing.target)), .init("alias", JSONValue(listing.alias)),
            .init("prompts", .array(listing.entries.map(value))),
        ]).document
    }

    private static func value(_ entry: PromptListing.Entry) -> JSONValue {
        let version = entry.version
        let uri = version.map { PromptURI(name: entry.name, reference: .version($0.number)).description }
        return .object([
            .init("name", .string(entry.name)), .init("name_in_job", JSONValue(entry.nameInJob)),
            .init("registered", JSONValue(entry.prompt != nil)), .init("version", JSONValue(version?.number)),
            .init("uri", JSONValue(uri)), .init("newest_version", JSONValue(entry.prompt?.newest?.number)),
            .init("aliases", VersionJSON.aliases(of: entry.prompt)),
            .init("variables", JSONValue(version?.content.variables ?? [])),
            .init("created_at", JSONValue(Moment(version?.createdAt)?.text)),
            .init("description", JSONValue(entry.prompt?.description)),
            .init("tags", VersionJSON.tags(entry.prompt?.tags ?? [:])),
        ])
    }
}
