//! The collector's answers: a status, a text and a code that clients decide by.

use serde_json::{Value, json};

use super::HecError;

/// What is answered when nothing was kept, or asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The source of the token was switched off.
    Disabled,
    /// No token was sent.
    NoToken,
    /// What was sent as authorization cannot be read.
    BadAuthorization,
    /// The token is not known, or no longer.
    BadToken,
    /// There is a fault on this side.
    Fault,
    /// Too much is waiting; send it again later.
    Busy,
    /// The request needs a channel.
    NoChannel,
    /// What is given as a channel cannot be one.
    BadChannel,
    /// The body is refused.
    Body(HecError),
    /// Everything works.
    Healthy,
}

impl Answer {
    /// Status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Disabled | Self::BadToken => 403,
            Self::NoToken | Self::BadAuthorization => 401,
            Self::Fault => 500,
            Self::Busy => 503,
            Self::Body(HecError::TooLarge(_)) => 413,
            Self::NoChannel | Self::BadChannel | Self::Body(_) => 400,
            Self::Healthy => 200,
        }
    }

    /// Body of the answer.
    pub fn body(self) -> Value {
        let (code, text) = match self {
            Self::Disabled => (1, "Token disabled".to_owned()),
            Self::NoToken => (2, "Token is required".to_owned()),
            Self::BadAuthorization => (3, "Invalid authorization".to_owned()),
            Self::BadToken => (4, "Invalid token".to_owned()),
            Self::Fault => (8, "Internal server error".to_owned()),
            Self::Busy => (9, "Server is busy".to_owned()),
            Self::NoChannel => (10, "Data channel is missing".to_owned()),
            Self::BadChannel => (11, "Invalid data channel".to_owned()),
            Self::Healthy => (17, "HEC is healthy".to_owned()),
            Self::Body(error) => {
                let (code, number) = match error {
                    HecError::NoData => (5, None),
                    HecError::Format(number) => (6, Some(number)),
                    HecError::NoEvent(number) => (12, Some(number)),
                    HecError::Blank(number) => (13, Some(number)),
                    HecError::Fields(number) => (15, Some(number)),
                    HecError::TooLarge(_) => (27, None),
                };
                let mut body = json!({"text": error.to_string(), "code": code});
                if let Some(number) = number {
                    body["invalid-event-number"] = number.into();
                }
                return body;
            }
        };
        json!({"text": text, "code": code})
    }
}

/// The answer to a batch that is safe, with the number to ask about it by.
pub fn kept(ack: Option<u64>) -> Value {
    match ack {
        Some(ack) => json!({"text": "Success", "code": 0, "ackId": ack}),
        None => json!({"text": "Success", "code": 0}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_clients_know() {
        assert_eq!(kept(None), json!({"text": "Success", "code": 0}));
        assert_eq!(kept(Some(7))["ackId"], 7);
        assert_eq!(Answer::Busy.status(), 503);
        assert_eq!(Answer::Busy.body()["code"], 9);
        let body = Answer::Body(HecError::Format(3));
        assert_eq!((body.status(), body.body()["invalid-event-number"].as_u64()), (400, Some(3)));
        assert_eq!(Answer::NoToken.body(), json!({"text": "Token is required", "code": 2}));
    }
}
