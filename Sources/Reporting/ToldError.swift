package import Execution
package import Prompts
import Support

/// An error as people are told of it: once for all prompts that have it.
package struct ToldError: Hashable, Sendable {
    /// The prompts that have it.
    package fileprivate(set) var names: [String]
    /// The error, without advice that an earlier one gives already.
    package fileprivate(set) var error: RegistryError

    /// How many prompts are named at most.
    private static let listed = 10

    /// Whether several prompts have it.
    package var isShared: Bool { names.count > 1 }

    /// The names of the prompts, as the subject of a sentence.
    package var subject: String { names.listed(Self.listed) }
}

extension RunReport {
    /// The errors of prompts: in their order those of one prompt, then those that several have alike.
    package var toldErrors: [ToldError] {
        var told: [ToldError] = []
        var places: [[String?]: Int] = [:]
        for prompt in prompts {
            guard let error = prompt.error else { continue }
            let key = [error.code.rawValue, error.message, error.hint]
            if let place = places[key] {
                told[place].names.append(prompt.name)
            } else {
                places[key] = told.count
                told.append(ToldError(names: [prompt.name], error: error))
            }
        }
        told = told.filter { !$0.isShared } + told.filter(\.isShared)
        var hints: Set<String> = []
        for index in told.indices {
            if let hint = told[index].error.hint, !hints.insert(hint).inserted {
                told[index].error.hint = nil
            }
        }
        return told
    }
}
