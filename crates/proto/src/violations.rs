//! Checking messages: every violation is collected with the path of its field.

use std::fmt::{self, Display, Write};

use whence_model::ErrorKind;

/// One field that does not hold what its comment in the contract asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path of the field from the message checked, such as `authors[3].orcid`.
    pub field: String,
    /// What is wrong and what was expected.
    pub description: String,
}

/// A message that is not what the contract asks for, with everything that is wrong about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidMessage {
    /// Every violation, in the order of the message's fields; at least one.
    pub violations: Vec<FieldViolation>,
}

impl InvalidMessage {
    /// How a caller reacts: by mending the request.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidArgument
    }
}

impl Display for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, FieldViolation { field, description }) in self.violations.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{field}: {description}")?;
        }
        Ok(())
    }
}

/// A message that becomes a value of the model if it holds what its comments ask for.
pub trait IntoModel: Sized {
    /// What it becomes.
    type Model;

    /// Converts as part of a larger message: reports every violation, and returns none if there is one.
    fn check(self, violations: &mut Violations) -> Option<Self::Model>;

    /// Converts the message by itself.
    fn into_model(self) -> Result<Self::Model, InvalidMessage> {
        let mut violations = Violations::default();
        let value = self.check(&mut violations);
        violations.finish(value)
    }
}

/// The violations found so far, and the path at which the next one would stand.
#[derive(Debug, Default)]
pub struct Violations {
    path: Vec<Step>,
    found: Vec<FieldViolation>,
}

#[derive(Debug)]
enum Step {
    Field(&'static str),
    Element(usize),
}

impl Violations {
    /// Reports a violation of a field; an empty name means the message as a whole.
    pub fn report(&mut self, field: &'static str, description: impl Display) {
        let field = self.path_of(field);
        self.found.push(FieldViolation {
            field,
            description: description.to_string(),
        });
    }

    /// The value, or none and a violation of the field.
    pub fn accept<T, E: Display>(&mut self, field: &'static str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.report(field, error)).ok()
    }

    /// The value of a field that may be empty. The outer option is none after a violation.
    pub fn accept_optional<T, E: Display>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if text.is_empty() {
            Some(None)
        } else {
            self.accept(field, parse(text)).map(Some)
        }
    }

    /// The parsed elements of a repeated field, or none and a violation for each that is wrong.
    pub fn accept_each<T, S, E: Display>(
        &mut self,
        field: &'static str,
        elements: impl IntoIterator<Item = S>,
        parse: impl Fn(S) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        self.each(field, elements, |violations, element| {
            violations.accept("", parse(element))
        })
    }

    /// Converts the message in a field.
    pub fn within<T>(&mut self, field: &'static str, convert: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Field(field));
        let value = convert(self);
        self.path.pop();
        value
    }

    /// Converts the messages of a repeated field: all of them, or none after a violation.
    pub fn each<M, T>(
        &mut self,
        field: &'static str,
        messages: impl IntoIterator<Item = M>,
        mut convert: impl FnMut(&mut Self, M) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.path.push(Step::Field(field));
        let mut values = Some(Vec::new());
        for (index, message) in messages.into_iter().enumerate() {
            self.path.push(Step::Element(index));
            let value = convert(self, message);
            self.path.pop();
            // After the first violation the rest is converted only to report what else is wrong.
            values = values.zip(value).map(|(mut values, value)| {
                values.push(value);
                values
            });
        }
        self.path.pop();
        values
    }

    /// Converts the message in a field that must be set.
    pub fn required<M: IntoModel>(&mut self, field: &'static str, message: Option<M>) -> Option<M::Model> {
        let checked = message.map(|message| self.within(field, |violations| message.check(violations)));
        if checked.is_none() {
            self.report(field, "is not set");
        }
        checked.flatten()
    }

    /// Converts the message in a field that may be absent. The outer option is none after a violation.
    pub fn optional<M: IntoModel>(
        &mut self,
        field: &'static str,
        message: Option<M>,
    ) -> Option<Option<M::Model>> {
        match message {
            Some(message) => self
                .within(field, |violations| message.check(violations))
                .map(Some),
            None => Some(None),
        }
    }

    /// The value if nothing was reported, else everything that was.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, InvalidMessage> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                if self.found.is_empty() {
                    self.report("", "is not a valid message");
                }
                Err(InvalidMessage {
                    violations: self.found,
                })
            }
        }
    }

    fn path_of(&self, field: &str) -> String {
        let mut path = String::new();
        for step in &self.path {
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Field(name) if path.is_empty() => write!(path, "{name}"),
                Step::Field(name) => write!(path, ".{name}"),
                Step::Element(index) => write!(path, "[{index}]"),
            };
        }
        if !path.is_empty() && !field.is_empty() {
            path.push('.');
        }
        path + field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_violation_is_reported_with_its_path() {
        let mut violations = Violations::default();
        violations.report("name", "is empty");
        let doubled = violations.within("page", |violations| {
            violations.report("size", "is negative");
            violations.accept_each("numbers", ["1", "x", "3", "y"], str::parse::<u8>)
        });
        assert_eq!(doubled, None);
        let invalid = violations.finish(Some(())).unwrap_err();
        let fields: Vec<_> = invalid
            .violations
            .iter()
            .map(|violation| violation.field.as_str())
            .collect();
        assert_eq!(
            fields,
            ["name", "page.size", "page.numbers[1]", "page.numbers[3]"]
        );
        assert!(
            invalid
                .to_string()
                .starts_with("name: is empty; page.size: is negative; page.numbers[1]: ")
        );
    }

    #[test]
    fn without_violations_the_value_comes_out() {
        let mut violations = Violations::default();
        let numbers = violations.accept_each("numbers", ["1", "2"], str::parse::<u8>);
        assert_eq!(violations.finish(numbers).unwrap(), [1, 2]);
        assert!(Violations::default().finish(None::<()>).is_err());
    }
}
