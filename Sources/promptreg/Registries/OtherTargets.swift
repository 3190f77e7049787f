import FoundationEssentials
import HTTP
import Jobs
import Prompts

/// The targets of a job that are not in use, though the registry in use may be theirs.
struct OtherTargets: Sendable {
    private let job: DesiredState
    private let environment: [String: String]

    /// The other targets of a job.
    ///
    /// - Parameters:
    ///   - job: The job, as it is for the target in use.
    ///   - environment: The environment variables.
    init(of job: DesiredState, environment: [String: String]) {
        self.job = job
        self.environment = environment
    }

    /// The policies of those that name a registry, by target. Whoever writes there has to comply with them.
    ///
    /// - Parameter address: The registry.
    /// - Returns: The policies, by the names of the targets.
    func policies(at address: RegistryAddress) -> [String: Policy] {
        var policies: [String: Policy] = [:]
        for other in states {
            guard let target = other.target, other.registry != nil,
                let choice = try? RegistryChoice(passed: nil, job: other, environment: [:]),
                choice.address.isSame(as: address)
            else { continue }
            policies[target] = other.policy
        }
        return policies
    }

    /// The aliases that the job names for any of its targets.
    var aliases: Set<String> { ([job] + states).reduce(into: []) { $0.formUnion($1.aliases) } }

    /// The job as it is for each of them.
    var states: [DesiredState] { job.targets.filter { $0 != job.target }.compactMap(load) }

    /// The job as it is for another target; the values of the one in use stand in for variables that have none there.
    private func load(_ target: String) -> DesiredState? {
        for variables in [[:], job.variables] {
            let inputs = JobInputs(target: target, variables: variables, environment: environment)
            let loaded = LoadedJob(path: job.specPath, inputs: inputs, readsTemplates: false)
            if let state = loaded.state { return state }
        }
        return nil
    }
}

extension RegistryAddress {
    /// Whether two addresses name the same registry, however they are spelled.
    func isSame(as other: RegistryAddress) -> Bool {
        switch (self, other) {
        case (.file(let path), .file(let otherPath)): path.resolvingLinks == otherPath.resolvingLinks
        case (.server(let url), .server(let otherURL)):
            (try? HTTPURL(url)).map { $0.normalized == (try? HTTPURL(otherURL))?.normalized }
                ?? (url == otherURL)
        default: self == other
        }
    }
}

extension HTTPURL {
    /// The address with its port, and with one name for this machine.
    fileprivate var normalized: HTTPURL {
        var url = self
        url.port = effectivePort
        if isLoopback { url.host = "localhost" }
        return url
    }
}

extension String {
    /// The path with links resolved, as far as it exists.
    fileprivate var resolvingLinks: String { URL(filePath: self).resolvingSymlinksInPath().path }
}
