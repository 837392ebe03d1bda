//! Hands packets of traced customers out in words; costs one atomic read while nobody is traced.

use domain::ids::CustomerId;
use domain::network::ports::{TraceDirection, TracedPacket};

use crate::packet::codec::Packet;
use crate::packet::describe;
use crate::packet::dictionary::attr;
use crate::server::gate::Known;
use crate::server::origin::Origin;
use crate::server::shared::Shared;

/// Traces a request and what became of it.
pub(crate) struct Tracer<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) known: &'a Known<'a>,
    pub(crate) origin: &'a Origin,
}

impl Tracer<'_> {
    /// Whose trace the request belongs to.
    pub(crate) fn wanted_by(&self, customer_id: Option<CustomerId>) -> Option<CustomerId> {
        if !self.shared.directory.is_tracing() {
            return None;
        }
        let name = self.known.packet.attribute(attr::USER_NAME);
        let name = name.map(|found| found.as_text()).unwrap_or_default();
        let isp_id = self.known.nas.isp_id;
        self.shared.directory.traced(isp_id, &name, customer_id)
    }

    /// Traces the request.
    pub(crate) fn request(&self, of: CustomerId, direction: TraceDirection, note: Option<String>) {
        self.tell(of, direction, &self.known.packet, note);
    }

    /// Traces the answer.
    pub(crate) fn answer(&self, of: CustomerId, bytes: &[u8], note: Option<String>) {
        if let Ok(packet) = Packet::parse(bytes) {
            self.tell(of, TraceDirection::Answer, &packet, note);
        }
    }

    fn tell(
        &self,
        customer_id: CustomerId,
        direction: TraceDirection,
        packet: &Packet<'_>,
        note: Option<String>,
    ) {
        let Some(observer) = &self.shared.observer else {
            return;
        };
        observer.packet_traced(TracedPacket {
            isp_id: self.known.nas.isp_id,
            customer_id,
            nas_id: self.known.nas.id,
            nas_address: self.origin.address(),
            direction,
            packet: describe::title(packet),
            attributes: describe::attributes(packet),
            note,
            at: self.shared.clock.now(),
        });
    }
}
