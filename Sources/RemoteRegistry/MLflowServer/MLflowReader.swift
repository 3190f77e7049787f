import Prompts

/// Finds prompts, and reads their versions.
struct MLflowReader: Sendable {
    /// How many prompts or versions a page has. Every one brings its text along, and even a page of the longest
    /// texts is within what an answer may have.
    private static let pageSize = 100

    let api: MLflowAPI

    // MARK: - Prompts

    /// The names of the prompts that match, sorted.
    func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        guard let filter = Self.filter(query) else { return [] }
        var names: Set<String> = []
        var pages = PageWalk()
        do throws(RequestFailure) {
            var answer: MLflowAnswer.Models
            repeat {
                answer = try await api.models(filter, limit: Self.pageSize, page: pages.token)
                for model in answer.registeredModels ?? [] where Self.matches(model, query) {
                    names.insert(model.name)
                }
            } while pages.goesOn(to: answer.nextPageToken)
        } catch {
            throw error.error
        }
        return names.sorted()
    }

    /// What the server is asked for: all that matches, and maybe more; nil when nothing can match.
    static func filter(_ query: PromptQuery) -> String? {
        var clauses = ["tag.`\(ReservedTag.isPrompt)` = 'true'"]
        if query.catalog != nil || query.schema != nil {
            for level in [query.catalog, query.schema].compactMap(\.self) {
                guard NameRules.problem(withName: level) == nil, !level.contains(".") else { return nil }
            }
            clauses.append("name LIKE '\(query.catalog ?? "%").\(query.schema ?? "%").%'")
        }
        if let tag = query.tag, canBeQuoted(tag.key), canBeQuoted(tag.value) {
            clauses.append("tag.`\(tag.key)` = '\(tag.value)'")
        }
        return clauses.joined(separator: " AND ")
    }

    /// Whether a text means itself between quotation marks. MLflow's filters know no escapes, and are part of an
    /// address, which must not become long.
    private static func canBeQuoted(_ text: String) -> Bool {
        let special = "'\"`\\".utf8
        return 1...250 ~= text.utf8.count
            && text.utf8.allSatisfy { 0x20...0x7E ~= $0 && !special.contains($0) }
    }

    /// Whether what a search found is what was meant: `_` stands for any character in it.
    private static func matches(_ model: RegisteredModelMessage, _ query: PromptQuery) -> Bool {
        // Other clients may have made prompts of names that no address can have.
        guard model.isPrompt, NameRules.problem(withName: model.name) == nil, query.matches(name: model.name)
        else { return false }
        guard let tag = query.tag else { return true }
        return TagMessage.dictionary(model.tags)[tag.key] == tag.value
    }

    // MARK: - Versions

    /// All versions of a prompt, newest first.
    func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        let filter = "name = '\(name)' AND tag.`\(ReservedTag.isPrompt)` = 'true'"
        var versions: [Int: ModelVersionMessage] = [:]
        var pages = PageWalk()
        do throws(RequestFailure) {
            var answer: MLflowAnswer.Versions
            repeat {
                answer = try await api.versions(filter, limit: Self.pageSize, page: pages.token)
                for version in answer.modelVersions ?? [] { versions[version.version.value] = version }
            } while pages.goesOn(to: answer.nextPageToken)
            // Of a prompt that has none, the search says as little as of one that is not there.
            if versions.isEmpty { try await requirePrompt(name) }
        } catch {
            throw error.error
        }
        var read: [PromptVersion] = []
        for (_, version) in versions.sorted(by: { $0.key > $1.key }) {
            read.append(try version.promptVersion(of: name))
        }
        return read
    }

    /// One version of a prompt.
    func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        let found: ModelVersionMessage?
        do throws(RequestFailure) {
            found = try await api.version(number, of: name)
            // It may be the version alone that is missing, or all of the prompt.
            if found?.isPrompt != true { try await requirePrompt(name) }
        } catch {
            throw error.error
        }
        if let found, found.isPrompt { return try found.promptVersion(of: name) }
        throw RegistryError(.notFound, "'\(name)' has no version \(number)")
    }

    /// Makes sure that a name is a prompt's.
    ///
    /// - Parameter name: The name.
    /// - Throws: `RequestFailure`, with `.notFound` where nothing has the name and `.nameTaken` where a model has it.
    func requirePrompt(_ name: String) async throws(RequestFailure) {
        guard let model = try await api.model(name) else {
            throw RequestFailure(RegistryError(.notFound, "there is no prompt '\(name)'"))
        }
        guard model.isPrompt else { throw RequestFailure(RegisteredModelMessage.nameTaken(name)) }
    }
}
