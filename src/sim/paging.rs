//! Pages of a listing, with EC2's rules for `MaxResults` and `NextToken`.
//!
//! EC2 API reference: `MaxResults` lies between 5 and 1000 (a larger value counts as 1000) and cannot be
//! combined with explicit ids; a request without it is answered in one page.

use data_encoding::BASE64URL;

use super::refusal::Refusal;

/// What a caller asked of a listing.
pub struct Page<'a> {
    pub max_results: Option<i32>,
    pub next_token: Option<&'a str>,
    /// The least value of `MaxResults`.
    pub least: i32,
    /// The largest value, where a larger one is refused.
    pub most: Option<i32>,
    /// The parameter that names resources one by one, if it was given.
    pub explicit: Option<&'static str>,
}

impl<'a> Page<'a> {
    /// The usual listing: from 5 to 1000 rows.
    pub fn new(max_results: Option<i32>, next_token: Option<&'a str>) -> Self {
        Self {
            max_results,
            next_token,
            least: 5,
            most: None,
            explicit: None,
        }
    }

    /// Allows pages as small as `least`.
    #[must_use]
    pub fn at_least(mut self, least: i32) -> Self {
        self.least = least;
        self
    }

    /// Refuses pages larger than `most`.
    #[must_use]
    pub fn at_most(mut self, most: i32) -> Self {
        self.most = Some(most);
        self
    }

    /// Notes that resources were named one by one by `parameter`.
    #[must_use]
    pub fn with_ids(mut self, ids: &[String], parameter: &'static str) -> Self {
        self.explicit = (!ids.is_empty()).then_some(parameter);
        self
    }

    /// Cuts the page out of `rows`, which are sorted by `key`, and returns it with the next token.
    ///
    /// # Errors
    /// `InvalidParameterCombination`, `InvalidParameterValue`, `InvalidNextToken`.
    pub fn cut<R>(
        &self,
        rows: Vec<R>,
        key: impl Fn(&R) -> String,
    ) -> Result<(Vec<R>, Option<String>), Refusal> {
        self.check()?;
        let after = self.next_token.map(read_token).transpose()?;
        let beyond = |row: &R| after.as_ref().is_none_or(|after| key(row) > *after);
        let mut rows: Vec<R> = rows.into_iter().filter(beyond).collect();
        let Some(limit) = self.limit() else {
            return Ok((rows, None));
        };
        if rows.len() <= limit {
            return Ok((rows, None));
        }
        rows.truncate(limit);
        let token = rows.last().map(|row| token(&key(row)));
        Ok((rows, token))
    }

    /// A token asks for a page even when the size is left out.
    fn limit(&self) -> Option<usize> {
        let size = self.max_results.or(self.next_token.map(|_| 1000))?;
        usize::try_from(size.min(1000)).ok()
    }

    fn check(&self) -> Result<(), Refusal> {
        let Some(size) = self.max_results else {
            return Ok(());
        };
        if let Some(parameter) = self.explicit {
            return Err(Refusal::invalid_combination(format!(
                "The parameter {parameter} cannot be used with the parameter maxResults"
            )));
        }
        if size < self.least {
            return Err(Refusal::invalid_value(format!(
                "Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than {}.",
                self.least
            )));
        }
        match self.most {
            Some(most) if size > most => Err(Refusal::invalid_value(format!(
                "Value ( {size} ) for parameter maxResults is invalid. Expecting a value less than {most}."
            ))),
            Some(_) | None => Ok(()),
        }
    }
}

fn token(key: &str) -> String {
    BASE64URL.encode(format!("after {key}").as_bytes())
}

fn read_token(token: &str) -> Result<String, Refusal> {
    let bytes = BASE64URL.decode(token.as_bytes()).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix("after ").map(str::to_owned))
        .ok_or_else(|| Refusal::client("InvalidNextToken", "The token is not valid."))
}
