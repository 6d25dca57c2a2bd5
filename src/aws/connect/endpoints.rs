//! Custom endpoints: which there are, and whether credentials may travel to them.
//! What cannot be understood is refused before anything is sent there.

use std::collections::BTreeSet;

use super::ConnectError;
use crate::aws::environment::custom_endpoints;
use crate::domain::text::shown;

/// Returns every custom endpoint that a call could go to, if credentials may travel to all of them.
///
/// # Errors
/// [`ConnectError::Files`], [`ConnectError::UnsafeEndpoint`], [`ConnectError::NoHost`].
pub async fn safe(profile: Option<&str>) -> Result<BTreeSet<String>, ConnectError> {
    let endpoints = custom_endpoints(profile)
        .await
        .map_err(|error| ConnectError::Files(shown(&error.to_string())))?;
    for endpoint in &endpoints {
        if !is_safe(endpoint) {
            return Err(ConnectError::UnsafeEndpoint(shown(endpoint)));
        }
        if !has_host(endpoint) {
            return Err(ConnectError::NoHost(shown(endpoint)));
        }
    }
    Ok(endpoints)
}

/// Tells whether credentials may travel to an endpoint: by https, or without leaving this machine. What
/// cannot be understood is no such endpoint.
fn is_safe(endpoint: &str) -> bool {
    // Not every reader of addresses agrees on these.
    let unclear = |c: char| c == '\\' || c.is_whitespace() || c.is_control();
    let Some((scheme, rest)) = endpoint.split_once("://") else {
        return false;
    };
    if endpoint.contains(unclear) {
        return false;
    }
    if scheme.eq_ignore_ascii_case("https") {
        return true;
    }
    let host = host_of(rest);
    let address = host.parse::<std::net::IpAddr>();
    let loopback = address.is_ok_and(|address| address.is_loopback());
    scheme.eq_ignore_ascii_case("http") && (loopback || host.eq_ignore_ascii_case("localhost"))
}

/// Tells whether an endpoint names a host at all.
fn has_host(endpoint: &str) -> bool {
    let rest = endpoint
        .split_once("://")
        .map_or("", |(_scheme, rest)| rest);
    let host = host_of(rest);
    let is_v6 = || rest.contains(']') && host.parse::<std::net::Ipv6Addr>().is_ok();
    !host.is_empty() && (!rest.starts_with('[') || is_v6())
}

/// Returns the host of what stands behind the scheme, without its port and without brackets.
fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for fine in [
            "https://ec2.example.com",
            "HTTPS://10.0.0.1",
            "http://127.0.0.1:5000",
            "HTTP://127.8.9.10",
            "http://localhost:5000/x",
            "http://LOCALHOST",
            "http://[::1]:5000",
        ] {
            assert!(is_safe(fine), "{fine}");
        }
        for unsafe_one in [
            "http://10.0.0.1:5000",
            "HTTP://10.0.0.1",
            "hTTp://example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://127.0.0.1@example.com",
            "http://127.0.0.1:5000@example.com",
            "http://localhost\\@example.com",
            "http://example.com\\@localhost",
            "http://example.com\t@localhost",
            "http://example.com/127.0.0.1",
            "http://example.com",
            "http://0.0.0.0:5000",
            "http://169.254.169.254",
            "http://[2001:db8::1]:5000",
            "http://[::ffff:10.0.0.1]",
            "http://",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "127.0.0.1:5000",
            "localhost",
            " http://10.0.0.1",
            "",
        ] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }

    #[test]
    fn an_endpoint_without_a_host_is_none() {
        for none in [
            "https://",
            "https:///x",
            "https://:443",
            "https://[::",
            "https://user@",
        ] {
            assert!(is_safe(none) && !has_host(none), "{none}");
        }
        for host in [
            "https://ec2.example.com:8443/x",
            "http://[::1]:5000",
            "http://127.0.0.1",
        ] {
            assert!(has_host(host), "{host}");
        }
    }
}
